# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: visitor_tier_transitions {
  label: "Visitor tier transitions"
  group_label: "readership"
  description: "Number of visitors who moved between tiers. One row per site, window, dimension, dimension value, tier, previous tier and transition. Visitors are additive within one window and dimension, except for author: a post with several authors counts for each of them."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${visitor_tier_transitions.site_id} = ${sites.site_id} ;;
  }
}
