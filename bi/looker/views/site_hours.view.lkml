# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: site_hours {
  label: "Site hours"
  sql_table_name: @{schema}.fct_site_hours ;;

  dimension: site_hour_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and hours_before."
    sql: ${TABLE}.site_hour_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: hours_before {
    type: number
    description: "Hours from the end of this hour to the newest event; 0 for the last one."
    sql: ${TABLE}.hours_before ;;
  }

  dimension: views {
    type: number
    description: "Pageviews of posts in the hour."
    sql: ${TABLE}.views ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors of posts in the hour."
    sql: ${TABLE}.visitors ;;
  }

  dimension: weeks {
    type: number
    description: "Weeks that the usual numbers are the median of. 0 when the data of the site do not reach back to that hour of the week before."
    sql: ${TABLE}.weeks ;;
  }

  dimension: usual_views {
    type: number
    description: "Median pageviews of posts in the same hour of the weeks before. Null when there is none."
    sql: ${TABLE}.usual_views ;;
  }

  dimension: usual_visitors {
    type: number
    description: "Median visitors of posts in the same hour of the weeks before. Null when there is none."
    sql: ${TABLE}.usual_visitors ;;
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
    description: "Start of the hour, UTC, exclusive."
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
    description: "End of the hour, UTC, inclusive."
    sql: ${TABLE}.ends_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.site_hour_key ;;
  }
}
