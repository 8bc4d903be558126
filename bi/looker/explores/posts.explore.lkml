# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: posts {
  label: "Posts"
  group_label: "readership"
  description: "Current state of posts, index pages and other pages, one row each, from the current version in dim_posts_history. Pages are the same post when their addresses differ only in scheme (http or https), www, trailing slash or query, when they name the same post id or canonical URL, or when a post's metadata lists them. An AMP page that no record names belongs to the page at the address without the AMP markers. Pages that other events only name have a row too, so that every post_key of a fact is found here."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${posts.site_id} = ${sites.site_id} ;;
  }
}
