# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: post_authors {
  label: "Post authors"
  group_label: "readership"
  description: "One row per post and author."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_authors.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_authors.site_id} = ${sites.site_id} ;;
  }
}
