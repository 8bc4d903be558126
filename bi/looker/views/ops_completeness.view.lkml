# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_completeness {
  label: "Ops completeness"
  sql_table_name: @{schema}.ops_completeness ;;

  dimension: completeness_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and date."
    sql: ${TABLE}.completeness_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: status {
    type: string
    description: "open while the day may still grow; afterwards silent when events were expected and none arrived, partial when too few arrived, otherwise complete."
    sql: ${TABLE}.status ;;
  }

  dimension: reason {
    type: string
    description: "Reason for the status. Open: not_over, or within_grace while the site's newest event is less than completeness_grace_hours past the day. Silent: no_events. Partial: missing_hours (at least completeness_missing_hours of the usual hours are missing) or few_events (below completeness_minimum_share of the expected events). Complete: as_usual, none_expected (the comparison days had none either) or nothing_to_compare (no comparison day)."
    sql: ${TABLE}.reason ;;
  }

  dimension: events {
    type: number
    description: "Number of valid, deduplicated events."
    sql: ${TABLE}.events ;;
  }

  dimension: expected_events {
    type: number
    description: "Median number of events on the comparison days. Null when there is no such day."
    sql: ${TABLE}.expected_events ;;
  }

  dimension: hours_with_events {
    type: number
    description: "Hours of the day, in the site's time zone, with at least one event."
    sql: ${TABLE}.hours_with_events ;;
  }

  dimension: usual_hours {
    type: number
    description: "Hours of the day with at least completeness_hour_events events on more than half of the comparison days."
    sql: ${TABLE}.usual_hours ;;
  }

  dimension: missing_hours {
    type: number
    description: "Usual hours without any event. One is missing when clocks go forward."
    sql: ${TABLE}.missing_hours ;;
  }

  dimension: like_days {
    type: number
    description: "Number of comparison days."
    sql: ${TABLE}.like_days ;;
  }

  dimension_group: event {
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
    description: "Date in the site's time zone."
    sql: ${TABLE}.event_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.completeness_key ;;
  }
}
