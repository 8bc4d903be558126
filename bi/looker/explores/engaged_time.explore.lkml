# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: engaged_time {
  label: "Engaged time"
  group_label: "readership"
  description: "Hourly rollup. One row per site, post, hour, referrer class and device class, or two where the site's clock is off UTC by a part of an hour. Views and engaged seconds sum exactly to those of fct_pageviews. Visitors are not additive over rows."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${engaged_time.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${engaged_time.site_id} = ${sites.site_id} ;;
  }
}
