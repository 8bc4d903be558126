# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: custom_events {
  label: "Custom events"
  group_label: "readership"
  description: "One row per custom event: every action other than pageview, heartbeat, videostart, vheartbeat and conversion."

  join: pageviews {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_events.pageview_key} = ${pageviews.pageview_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_events.post_key} = ${posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_events.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_events.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_events.visitor_key} = ${visitors.visitor_key} ;;
  }
}
