# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_duplicates {
  label: "Ops duplicates"
  sql_table_name: @{schema}.ops_duplicates ;;

  dimension: duplicates_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and date."
    sql: ${TABLE}.duplicates_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: valid_rows {
    type: number
    description: "Valid raw rows: events and duplicates."
    sql: ${TABLE}.valid_rows ;;
  }

  dimension: copies {
    type: number
    description: "Valid raw rows for which another copy of the event was kept."
    sql: ${TABLE}.copies ;;
  }

  dimension: same_file_copies {
    type: number
    description: "Duplicates in the same file as the kept copy, or in another version of that file."
    sql: ${TABLE}.same_file_copies ;;
  }

  dimension: same_load_copies {
    type: number
    description: "Duplicates in another file of the same load."
    sql: ${TABLE}.same_load_copies ;;
  }

  dimension: other_load_copies {
    type: number
    description: "Duplicates in a file of another load."
    sql: ${TABLE}.other_load_copies ;;
  }

  dimension: exact_copies {
    type: number
    description: "Duplicates with the same content as the kept copy."
    sql: ${TABLE}.exact_copies ;;
  }

  dimension: differing_copies {
    type: number
    description: "Duplicates with different content."
    sql: ${TABLE}.differing_copies ;;
  }

  dimension: copy_share {
    type: number
    description: "Duplicates divided by valid rows; a fraction, to three decimals."
    sql: ${TABLE}.copy_share ;;
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
    sql: ${TABLE}.duplicates_key ;;
  }
}
