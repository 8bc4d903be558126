# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_rejections {
  label: "Ops rejections"
  sql_table_name: @{schema}.ops_rejections ;;

  dimension: rejection_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row."
    sql: ${TABLE}.rejection_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site named by the events. Null when they name none."
    sql: ${TABLE}.site_id ;;
  }

  dimension: sample_load_id {
    type: string
    description: "Load that brought the example line."
    sql: ${TABLE}.sample_load_id ;;
  }

  dimension: rule {
    type: string
    description: "Name of the broken rule."
    sql: ${TABLE}.rule ;;
  }

  dimension: action {
    type: string
    description: "Action of the events. Null when not recorded."
    sql: ${TABLE}.action ;;
  }

  dimension: sample_file_url {
    type: string
    description: "Address of the file with the example line."
    sql: ${TABLE}.sample_file_url ;;
  }

  dimension: sample_line_number {
    type: number
    description: "Number of the example line in that file, from 1."
    sql: ${TABLE}.sample_line_number ;;
  }

  dimension: events {
    type: number
    description: "Refused events that break the rule. Do not sum over rules: one event may break several."
    sql: ${TABLE}.events ;;
  }

  dimension: events_once {
    type: number
    description: "Refused events for which this is the first broken rule, in the order of the rules. Sums to the number of refused events."
    sql: ${TABLE}.events_once ;;
  }

  dimension: files {
    type: number
    description: "Number of files with such events."
    sql: ${TABLE}.files ;;
  }

  dimension_group: received {
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
    description: "Date of receipt in the site's time zone, or in the default time zone when the site is not listed. The date of the event when no receipt is recorded. Null when neither is."
    sql: ${TABLE}.received_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.rejection_key ;;
  }
}
