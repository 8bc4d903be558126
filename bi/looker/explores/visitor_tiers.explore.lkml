# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: visitor_tiers {
  label: "Visitor tiers"
  group_label: "readership"
  description: "One row per visitor and window of tier_window_days in which the visitor started a session, plus one row for the next window if it is over and the visitor did not return. Windows are consecutive, counted from Monday 5 January 1970, in days of the site's time zone. They do not move with the as-of time."

  join: entry_posts {
    from: posts
    view_label: "Entry posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitor_tiers.entry_post_key} = ${entry_posts.post_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitor_tiers.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitor_tiers.visitor_key} = ${visitors.visitor_key} ;;
  }
}
