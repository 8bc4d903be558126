# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: evergreen_posts {
  label: "Evergreen posts"
  group_label: "readership"
  description: "Posts that still draw readers long after they went live. One row per post that has been live for evergreen_candidate_days and had at least evergreen_minimum_views in the last evergreen_recent_days, as of the site's newest event. Days are in the site's time zone; the as-of day counts as a day although it is not complete. A day is green when its views pass green_day_views = d * 30 * 0.01 / d^0.3, with d the mean views of the post's best days: a tenth of its days on record, five at the least. Of a post that had 100 views on each of its best days 8 make a day green, of one that had 10,000 it takes 190. How many green days make a post evergreen is this project's own choice: at least evergreen_green_days among the last evergreen_recent_days."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${evergreen_posts.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${evergreen_posts.site_id} = ${sites.site_id} ;;
  }
}
