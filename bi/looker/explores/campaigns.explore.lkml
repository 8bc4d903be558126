# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: campaigns {
  label: "Campaigns"
  group_label: "readership"
  description: "One row per site and campaign, where a campaign is the combination of all five slots. Includes campaigns seen on a pageview or at the entry of a session. Totals are over all time; for a period, aggregate fct_pageviews or fct_sessions."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${campaigns.site_id} = ${sites.site_id} ;;
  }
}
