# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: conversions {
  label: "Conversions"
  group_label: "readership"
  description: "One row per conversion event, attributable or not: its type, where it happened, the source of the session, and what the visitor viewed in the attribution window (attribution_window_days before)."

  join: pageviews {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversions.pageview_key} = ${pageviews.pageview_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversions.post_key} = ${posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversions.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversions.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversions.visitor_key} = ${visitors.visitor_key} ;;
  }
}
