# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: site_hours {
  label: "Site hours"
  group_label: "readership"
  description: "One row per site and hour of its last seven days, with the views and visitors of its posts and what is usual - the median of the same hour of the week in the usual_weeks before, by the clock of the site. Hours end with the newest event of the site, so that none is cut off."

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${site_hours.site_id} = ${sites.site_id} ;;
  }
}
