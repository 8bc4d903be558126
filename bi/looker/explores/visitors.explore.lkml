# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: visitors {
  label: "Visitors"
  group_label: "readership"
  description: "One row per visitor of a site, over all known sessions. Rolling counts and days since the last session are relative to the as-of time of the site (dim_sites) and computed at query time."

  join: first_posts {
    from: posts
    view_label: "First posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitors.first_post_key} = ${first_posts.post_key} ;;
  }

  join: last_posts {
    from: posts
    view_label: "Last posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitors.last_post_key} = ${last_posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitors.site_id} = ${sites.site_id} ;;
  }
}
