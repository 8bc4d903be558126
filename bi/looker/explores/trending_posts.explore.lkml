# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: trending_posts {
  label: "Trending posts"
  group_label: "readership"
  description: "What is rising now, and by how much. One row per trending candidate, as of the site's newest event. The window is the last trending_window_hours. A post is a candidate when it has at least trending_minimum_views in the window, or had that many in the trending_baseline_hours before and is expected to have them again. The expectation has three steps. The usual views of an hour of the week are the mean of that hour, in the site's time zone, over the last trending_history_weeks. The usual share of an age is the share of those views that went to posts of that age in those weeks. Share times views, summed over the hours of the window, is typical_views: what a typical post of this age would have now. The baseline gives the post's multiple of the typical post, smoothed by one mean hour t of the typical post, which is all there is for a new post: expected_views = typical_views * (baseline_views + t) / (typical views of the baseline + t). With little data, coarser estimates are used: hours of the day without a whole week before the baseline, the mean of all hours without a whole day, and an even share at any age without a post that went live since the data begins."

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${trending_posts.post_key} = ${posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${trending_posts.site_id} = ${sites.site_id} ;;
  }
}
