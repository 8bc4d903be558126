# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: hours {
  label: "Hours"
  group_label: "readership"
  description: "Hours of the calendar. One row per hour on the clock of each date in dim_dates, 24 a day, whatever a time zone does to its clock. Joins local hours."

  join: dates {
    type: left_outer
    relationship: many_to_one
    sql_on: ${hours.calendar_date} = ${dates.calendar_date} ;;
  }
}
