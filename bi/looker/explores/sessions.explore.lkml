# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: sessions {
  label: "Sessions"
  group_label: "readership"
  description: "One row per session, including video-only and heartbeat-only sessions."

  join: campaigns {
    type: left_outer
    relationship: many_to_one
    sql_on: ${sessions.campaign_key} = ${campaigns.campaign_key} ;;
  }

  join: entry_posts {
    from: posts
    view_label: "Entry posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${sessions.entry_post_key} = ${entry_posts.post_key} ;;
  }

  join: exit_posts {
    from: posts
    view_label: "Exit posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${sessions.exit_post_key} = ${exit_posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${sessions.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${sessions.visitor_key} = ${visitors.visitor_key} ;;
  }
}
