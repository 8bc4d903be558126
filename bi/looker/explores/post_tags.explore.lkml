# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: post_tags {
  label: "Post tags"
  group_label: "readership"
  description: "One row per post and publisher's tag."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_tags.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_tags.site_id} = ${sites.site_id} ;;
  }
}
