# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: dates {
  label: "Dates"
  sql_table_name: @{schema}.dim_dates ;;

  dimension: day_name {
    type: string
    description: "English name of the day of the week."
    sql: ${TABLE}.day_name ;;
  }

  dimension: month_name {
    type: string
    description: "English name of the month."
    sql: ${TABLE}.month_name ;;
  }

  dimension: iso_week_name {
    type: string
    description: "ISO year and week, for example 2026-W01."
    sql: ${TABLE}.iso_week_name ;;
  }

  dimension: day_of_week {
    type: number
    description: "Day of the ISO week, from 1 (Monday) to 7 (Sunday)."
    sql: ${TABLE}.day_of_week ;;
  }

  dimension: day_of_month {
    type: number
    description: "Day of the month, from 1."
    sql: ${TABLE}.day_of_month ;;
  }

  dimension: day_of_year {
    type: number
    description: "Day of the year, from 1."
    sql: ${TABLE}.day_of_year ;;
  }

  dimension: iso_week {
    type: number
    description: "ISO week, 1 to 53. Belongs to iso_year, not to year_number."
    sql: ${TABLE}.iso_week ;;
  }

  dimension: iso_year {
    type: number
    description: "Year that the ISO week belongs to."
    sql: ${TABLE}.iso_year ;;
  }

  dimension: month_number {
    type: number
    description: "Month, 1 to 12."
    sql: ${TABLE}.month_number ;;
  }

  dimension: quarter_number {
    type: number
    description: "Quarter of the calendar year, 1 to 4."
    sql: ${TABLE}.quarter_number ;;
  }

  dimension: year_number {
    type: number
    description: "Calendar year."
    sql: ${TABLE}.year_number ;;
  }

  dimension: is_weekend {
    type: yesno
    group_label: "Flags"
    description: "Whether the date is a Saturday or a Sunday."
    sql: ${TABLE}.is_weekend ;;
  }

  dimension: row_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "The date."
    sql: ${TABLE}.calendar_date ;;
  }

  dimension_group: calendar {
    type: time
    timeframes: [
      raw,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    datatype: date
    convert_tz: no
    description: "The date."
    sql: ${TABLE}.calendar_date ;;
  }

  dimension_group: week_start {
    type: time
    timeframes: [
      raw,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    datatype: date
    convert_tz: no
    description: "Monday of the ISO week."
    sql: ${TABLE}.week_start_date ;;
  }

  dimension_group: month_start {
    type: time
    timeframes: [
      raw,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    datatype: date
    convert_tz: no
    description: "First day of the month."
    sql: ${TABLE}.month_start_date ;;
  }

  dimension_group: quarter_start {
    type: time
    timeframes: [
      raw,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    datatype: date
    convert_tz: no
    description: "First day of the quarter."
    sql: ${TABLE}.quarter_start_date ;;
  }

  dimension_group: year_start {
    type: time
    timeframes: [
      raw,
      date,
      day_of_week,
      week,
      month,
      quarter,
      year,
    ]
    datatype: date
    convert_tz: no
    description: "First day of the calendar year."
    sql: ${TABLE}.year_start_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.calendar_date ;;
  }
}
