# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_loads {
  label: "Ops loads"
  sql_table_name: @{schema}.ops_loads ;;

  dimension: load_id {
    primary_key: yes
    hidden: yes
    type: string
    description: "Load that brought the row."
    sql: ${TABLE}.load_id ;;
  }

  dimension: files {
    type: number
    description: "Current files of the load, including those with replayed lines."
    sql: ${TABLE}.files ;;
  }

  dimension: broken_files {
    type: number
    description: "Current files that were partial, unreadable or refused."
    sql: ${TABLE}.broken_files ;;
  }

  dimension: replaced_files {
    type: number
    description: "Files of the load that a later load replaced."
    sql: ${TABLE}.replaced_files ;;
  }

  dimension: size_bytes {
    type: number
    description: "Size of the files as stored, in bytes."
    sql: ${TABLE}.size_bytes ;;
  }

  dimension: lines {
    type: number
    description: "Lines in the files, or replayed from quarantine."
    sql: ${TABLE}.lines ;;
  }

  dimension: blank_lines {
    type: number
    description: "Blank lines."
    sql: ${TABLE}.blank_lines ;;
  }

  dimension: replaced_lines {
    type: number
    description: "Lines in the replaced files. They are in none of the other counts."
    sql: ${TABLE}.replaced_lines ;;
  }

  dimension: rejected_lines {
    type: number
    description: "Lines that did not parse. They are in raw.rejected_lines."
    sql: ${TABLE}.rejected_lines ;;
  }

  dimension: events {
    type: number
    description: "Lines that parsed as events: staged + refused + duplicates."
    sql: ${TABLE}.events ;;
  }

  dimension: staged_events {
    type: number
    description: "Events of the load that are in stg_events."
    sql: ${TABLE}.staged_events ;;
  }

  dimension: refused_events {
    type: number
    description: "Events that broke a rule. They are in stg_event_rejections."
    sql: ${TABLE}.refused_events ;;
  }

  dimension: duplicate_events {
    type: number
    description: "Duplicate copies of events. They are in stg_event_duplicates."
    sql: ${TABLE}.duplicate_events ;;
  }

  dimension_group: finished_utc {
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
    description: "When the load finished, UTC."
    sql: ${TABLE}.finished_at ;;
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
    description: "Earliest valid event of the load, UTC."
    sql: ${TABLE}.first_event_at ;;
  }

  dimension_group: last_event_utc {
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
    description: "Latest valid event of the load, UTC."
    sql: ${TABLE}.last_event_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.load_id ;;
  }
}
