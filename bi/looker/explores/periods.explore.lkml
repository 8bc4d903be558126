# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: periods {
  label: "Periods"
  group_label: "readership"
  description: "One row per site and reporting period."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${periods.site_id} = ${sites.site_id} ;;
  }
}
