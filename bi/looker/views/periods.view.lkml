# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: periods {
  label: "Periods"
  sql_table_name: @{schema}.dim_periods ;;

  dimension: period_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and period."
    sql: ${TABLE}.period_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: period {
    type: string
    description: "Period: 5m, 10m, 1h, 4h, 24h, 3d, 7d, 30d, 90d or all, ending at the site's newest event; or today or yesterday in the site's time zone, where today is the day of the newest event."
    sql: ${TABLE}.period ;;
  }

  dimension: period_order {
    type: number
    description: "Sort order of the periods. Periods that end at the newest event come first, shortest first."
    sql: ${TABLE}.period_order ;;
  }

  dimension_group: starts_after_utc {
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
    description: "Start of the period, UTC, exclusive."
    sql: ${TABLE}.starts_after_at ;;
  }

  dimension_group: ends_utc {
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
    description: "End of the period, UTC, inclusive."
    sql: ${TABLE}.ends_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.period_key ;;
  }
}
