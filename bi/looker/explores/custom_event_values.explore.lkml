# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: custom_event_values {
  label: "Custom event values"
  group_label: "readership"
  description: "One row per custom event and key of custom_event_keys found in its extra_data, with the value read as the configured type. A new key or type applies to all events at once."

  join: custom_events {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_event_values.event_key} = ${custom_events.event_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_event_values.post_key} = ${posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_event_values.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_event_values.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${custom_event_values.visitor_key} = ${visitors.visitor_key} ;;
  }
}
