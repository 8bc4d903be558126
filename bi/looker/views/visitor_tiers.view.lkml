# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: visitor_tiers {
  label: "Visitor tiers"
  sql_table_name: @{schema}.fct_visitor_tiers ;;

  dimension: visitor_tier_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from visitor and window."
    sql: ${TABLE}.visitor_tier_key ;;
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

  dimension: entry_post_key {
    hidden: yes
    type: string
    description: "Post on which the first session of the window started; for silent visitors, that of the previous window. Joins dim_posts."
    sql: ${TABLE}.entry_post_key ;;
  }

  dimension: tier {
    type: string
    description: "Tier by the sessions in the window: silent (none), 1, 2-4 or 5+."
    sql: ${TABLE}.tier ;;
  }

  dimension: previous_tier {
    type: string
    description: "Tier in the previous window; silent for visitors not seen in it, including new visitors."
    sql: ${TABLE}.previous_tier ;;
  }

  dimension: transition {
    type: string
    description: "new (no earlier session is known), returned (after at least one silent window), climbed, kept, fell, or silent (seen in the previous window, not in this one). Provisional until the window is over."
    sql: ${TABLE}.transition ;;
  }

  dimension: acquisition_channel {
    type: string
    group_label: "Source"
    description: "Acquisition channel of the first session of the window; for silent visitors, that of the previous window. Null when the session came from the site itself."
    sql: ${TABLE}.acquisition_channel ;;
  }

  dimension: entry_section {
    type: string
    description: "Section of the entry post, from the newest metadata."
    sql: ${TABLE}.entry_section ;;
  }

  dimension: entry_author {
    type: string
    description: "First author of the entry post, from the newest metadata."
    sql: ${TABLE}.entry_author ;;
  }

  dimension: sessions {
    type: number
    description: "Sessions started in the window."
    sql: ${TABLE}.sessions ;;
  }

  dimension: previous_sessions {
    type: number
    description: "Sessions started in the previous window."
    sql: ${TABLE}.previous_sessions ;;
  }

  dimension: pageviews {
    type: number
    description: "Pageviews of the sessions started in the window."
    sql: ${TABLE}.pageviews ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged time in seconds of the sessions started in the window."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: is_complete {
    type: yesno
    group_label: "Flags"
    description: "Whether the window is over, as of the site's as-of time."
    sql: ${TABLE}.is_complete ;;
  }

  dimension: is_comparable {
    type: yesno
    group_label: "Flags"
    description: "Whether the site's events reach back to the first day of the previous window. If not, a new visitor may have had earlier sessions that were not recorded."
    sql: ${TABLE}.is_comparable ;;
  }

  dimension_group: window_start {
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
    description: "First day of the window, in the site's time zone."
    sql: ${TABLE}.window_start_date ;;
  }

  dimension_group: window_end {
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
    description: "Last day of the window, in the site's time zone."
    sql: ${TABLE}.window_end_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.visitor_tier_key ;;
  }
}
