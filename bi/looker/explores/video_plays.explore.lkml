# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: video_plays {
  label: "Video plays"
  group_label: "readership"
  description: "One row per video play with its watch seconds, plus one flagged row that counts 0 plays for watch time whose videostart never arrived. Plays sum to the video starts of fct_sessions, and watch seconds to its video watch seconds."

  join: pageviews {
    type: left_outer
    relationship: many_to_one
    sql_on: ${video_plays.pageview_key} = ${pageviews.pageview_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${video_plays.post_key} = ${posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${video_plays.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${video_plays.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${video_plays.visitor_key} = ${visitors.visitor_key} ;;
  }
}
