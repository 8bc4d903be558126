# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: post_tag_days {
  label: "Post tag days"
  group_label: "readership"
  description: "Reading of each tag's posts by day. One row per post, tag and date; a post without tags has one row with a null tag. views and engaged_seconds are those of the whole post, for each of its tags: sum them for one tag. views_share and engaged_seconds_share divide them equally among the tags: sum them over several, and over all they are those of fct_pageviews."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_tag_days.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_tag_days.site_id} = ${sites.site_id} ;;
  }
}
