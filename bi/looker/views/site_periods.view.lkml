# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: site_periods {
  label: "Site periods"
  sql_table_name: @{schema}.fct_site_periods ;;

  dimension: site_period_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and period."
    sql: ${TABLE}.site_period_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: period {
    type: string
    description: "Period that ends with the newest event of the site - 1h, today, 7d or 30d."
    sql: ${TABLE}.period ;;
  }

  dimension: views {
    type: number
    description: "Pageviews of posts in the period."
    sql: ${TABLE}.views ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors of posts in the period."
    sql: ${TABLE}.visitors ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged seconds of the pageviews of posts in the period."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: previous_views {
    type: number
    description: "Pageviews of posts in the period before."
    sql: ${TABLE}.previous_views ;;
  }

  dimension: previous_visitors {
    type: number
    description: "Distinct visitors of posts in the period before."
    sql: ${TABLE}.previous_visitors ;;
  }

  dimension: previous_engaged_seconds {
    type: number
    description: "Engaged seconds of the pageviews of posts in the period before."
    sql: ${TABLE}.previous_engaged_seconds ;;
  }

  dimension: is_comparable {
    type: yesno
    group_label: "Flags"
    description: "Whether the data of the site reach back over the period before, but for a hundredth of it. If not, its numbers are too small."
    sql: ${TABLE}.is_comparable ;;
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

  dimension_group: previous_starts_after_utc {
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
    description: "Start of the period before, UTC, exclusive."
    sql: ${TABLE}.previous_starts_after_at ;;
  }

  dimension_group: previous_ends_utc {
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
    description: "End of the period before, UTC, inclusive."
    sql: ${TABLE}.previous_ends_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.site_period_key ;;
  }
}
