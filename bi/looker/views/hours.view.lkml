# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: hours {
  label: "Hours"
  sql_table_name: @{schema}.dim_hours ;;

  dimension: hour_of_day {
    type: number
    description: "Hour of the day, 0 to 23."
    sql: ${TABLE}.hour_of_day ;;
  }

  dimension: row_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Start of the hour, as a clock shows it."
    sql: ${TABLE}.calendar_hour ;;
  }

  dimension_group: calendar {
    type: time
    timeframes: [
      raw,
      time,
      hour,
      hour_of_day,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    convert_tz: no
    description: "Start of the hour, as a clock shows it."
    sql: ${TABLE}.calendar_hour ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.calendar_hour ;;
  }
}
