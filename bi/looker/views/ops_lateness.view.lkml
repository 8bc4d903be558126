# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_lateness {
  label: "Ops lateness"
  sql_table_name: @{schema}.ops_lateness ;;

  dimension: lateness_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site, date and delay bucket."
    sql: ${TABLE}.lateness_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: delay_bucket {
    type: string
    description: "Delay bucket: ahead (before the event, because clocks differ), under_1_minute, under_1_hour, under_1_day, under_3_days, under_7_days, under_30_days, 30_days_and_more."
    sql: ${TABLE}.delay_bucket ;;
  }

  dimension: delay_bucket_order {
    type: number
    description: "Position of the bucket, from 0 for ahead to 7 for 30_days_and_more."
    sql: ${TABLE}.delay_bucket_order ;;
  }

  dimension: received_events {
    type: number
    description: "Valid, deduplicated events received with this delay."
    sql: ${TABLE}.received_events ;;
  }

  dimension: loaded_events {
    type: number
    description: "Valid, deduplicated events whose load finished with this delay."
    sql: ${TABLE}.loaded_events ;;
  }

  dimension: received_share {
    type: number
    description: "Received events as a share of all events of the site's date; a fraction, to three decimals."
    sql: ${TABLE}.received_share ;;
  }

  dimension: loaded_share {
    type: number
    description: "Loaded events as a share of all events of the site's date; a fraction, to three decimals."
    sql: ${TABLE}.loaded_share ;;
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
    description: "Date of the event in the site's time zone."
    sql: ${TABLE}.event_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.lateness_key ;;
  }
}
