# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: post_author_days {
  label: "Post author days"
  group_label: "readership"
  description: "Reading of each author's posts by day. One row per post, author and date; a post without authors has one row with a null author. views and engaged_seconds are those of the whole post, for each of its authors: sum them for one author. views_share and engaged_seconds_share divide them equally among the authors: sum them over several, and over all they are those of fct_pageviews."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_author_days.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${post_author_days.site_id} = ${sites.site_id} ;;
  }
}
