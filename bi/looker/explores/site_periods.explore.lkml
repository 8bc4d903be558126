# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: site_periods {
  label: "Site periods"
  group_label: "readership"
  description: "One row per site and period that ends with its newest event, with the views and visitors of its posts, beside those of the period before. Today is compared with yesterday up to the same time."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${site_periods.site_id} = ${sites.site_id} ;;
  }
}
