# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: custom_event_values {
  label: "Custom event values"
  sql_table_name: @{schema}.fct_custom_event_values ;;

  dimension: event_value_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from event and key."
    sql: ${TABLE}.event_value_key ;;
  }

  dimension: event_key {
    hidden: yes
    type: string
    description: "Surrogate key of the custom event."
    sql: ${TABLE}.event_key ;;
  }

  dimension: session_key {
    hidden: yes
    type: string
    description: "Surrogate key of the session: the tracker's own, or, when the tracker kept none, a series of events without a gap of session_gap_minutes."
    sql: ${TABLE}.session_key ;;
  }

  dimension: visitor_key {
    hidden: yes
    type: string
    description: "Surrogate key of the visitor: one browser or device on one site. An id shared by many people (variable shared_visitor_ids) identifies nobody; there, each tracker session is a visitor, or each pageview when the tracker kept no session. Such visitors are counted but never return."
    sql: ${TABLE}.visitor_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: action {
    type: string
    description: "Name of the custom event, as the site sends it."
    sql: ${TABLE}.action ;;
  }

  dimension: key {
    type: string
    description: "Key in extra_data."
    sql: ${TABLE}.key ;;
  }

  dimension: value_type {
    type: string
    description: "Configured type of the key: text, number, boolean or timestamp."
    sql: ${TABLE}.value_type ;;
  }

  dimension: text_value {
    type: string
    description: "Value as text, whatever its type. A list or object is JSON text."
    sql: ${TABLE}.text_value ;;
  }

  dimension: number_value {
    type: number
    description: "Value of a key of type number. Null when it is not a valid number."
    sql: ${TABLE}.number_value ;;
  }

  dimension: boolean_value {
    type: yesno
    description: "Value of a key of type boolean: true, yes or 1; false, no or 0. Null for any other value."
    sql: ${TABLE}.boolean_value ;;
  }

  dimension: is_readable {
    type: yesno
    group_label: "Flags"
    description: "Whether the value is valid for the configured type."
    sql: ${TABLE}.is_readable ;;
  }

  dimension_group: occurred {
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
    description: "Date of occurred_at in the site's time zone."
    sql: ${TABLE}.occurred_date ;;
  }

  dimension_group: timestamp_value {
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
    description: "Value of a key of type timestamp, UTC: ISO text, or epoch seconds, milliseconds or microseconds. Null for any other value."
    sql: ${TABLE}.timestamp_value ;;
  }

  dimension_group: occurred_utc {
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
    description: "Time of the event, UTC, usually to the second."
    sql: ${TABLE}.occurred_at ;;
  }

  dimension_group: occurred_local {
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
    description: "Hour of occurred_at on the site's clock."
    sql: ${TABLE}.occurred_local_hour ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.event_value_key ;;
  }
}
