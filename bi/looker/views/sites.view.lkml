# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: sites {
  label: "Sites"
  sql_table_name: @{schema}.dim_sites ;;

  dimension: site_id {
    primary_key: yes
    hidden: yes
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: site_name {
    type: string
    description: "Name from the seed sites; the site id when the site is not listed."
    sql: ${TABLE}.site_name ;;
  }

  dimension: time_zone {
    type: string
    description: "IANA time zone of the site."
    sql: ${TABLE}.time_zone ;;
  }

  dimension: events {
    type: number
    description: "Number of valid, deduplicated events, including bots and staff."
    sql: ${TABLE}.events ;;
  }

  dimension: is_listed {
    type: yesno
    group_label: "Flags"
    description: "Whether the site is listed in the seed sites."
    sql: ${TABLE}.is_listed ;;
  }

  dimension_group: first_event {
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
    description: "Date of first_event_at in the site's time zone."
    sql: ${TABLE}.first_event_date ;;
  }

  dimension_group: newest_event {
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
    description: "Date of newest_event_at in the site's time zone."
    sql: ${TABLE}.newest_event_date ;;
  }

  dimension_group: as_of {
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
    description: "Date of as_of_at in the site's time zone. That day is not complete yet."
    sql: ${TABLE}.as_of_date ;;
  }

  dimension_group: first_event_utc {
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
    description: "Earliest event, UTC."
    sql: ${TABLE}.first_event_at ;;
  }

  dimension_group: newest_event_utc {
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
    description: "Latest event, UTC."
    sql: ${TABLE}.newest_event_at ;;
  }

  dimension_group: as_of_utc {
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
    description: "As-of time of the site, UTC: its newest event, or the variable as_of."
    sql: ${TABLE}.as_of_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.site_id ;;
  }
}
