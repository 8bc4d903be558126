# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: visitors {
  label: "Visitors"
  sql_table_name: @{schema}.dim_visitors ;;

  dimension: visitor_key {
    primary_key: yes
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

  dimension: visitor_site_id {
    type: string
    description: "First-party id of the browser or device, as the tracker sent it. Null for ids shared by many people, where each session is a visitor."
    sql: ${TABLE}.visitor_site_id ;;
  }

  dimension: first_post_key {
    hidden: yes
    type: string
    description: "Post on which the first known session started."
    sql: ${TABLE}.first_post_key ;;
  }

  dimension: last_post_key {
    hidden: yes
    type: string
    description: "Post on which the last known session ended."
    sql: ${TABLE}.last_post_key ;;
  }

  dimension: first_acquisition_channel {
    type: string
    description: "Acquisition channel of the first known session."
    sql: ${TABLE}.first_acquisition_channel ;;
  }

  dimension: first_source_name {
    type: string
    description: "Source of the first known session."
    sql: ${TABLE}.first_source_name ;;
  }

  dimension: last_acquisition_channel {
    type: string
    description: "Acquisition channel of the last known session."
    sql: ${TABLE}.last_acquisition_channel ;;
  }

  dimension: last_source_name {
    type: string
    description: "Source of the last known session."
    sql: ${TABLE}.last_source_name ;;
  }

  dimension: session_tier {
    type: string
    description: "Tier by all known sessions: 1, 2-4 or 5+."
    sql: ${TABLE}.session_tier ;;
  }

  dimension: rolling_session_tier {
    type: string
    description: "Tier by rolling_sessions: silent, 1, 2-4 or 5+."
    sql: ${TABLE}.rolling_session_tier ;;
  }

  dimension: sessions {
    type: number
    description: "Number of sessions."
    sql: ${TABLE}.sessions ;;
  }

  dimension: pageviews {
    type: number
    description: "Number of pageviews over all sessions."
    sql: ${TABLE}.pageviews ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged time in seconds: the sum of heartbeat increments. Excludes time spent watching video."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: conversions {
    type: number
    description: "Number of conversion events."
    sql: ${TABLE}.conversions ;;
  }

  dimension: active_days {
    type: number
    description: "Number of days, in the site's time zone, on which a session started."
    sql: ${TABLE}.active_days ;;
  }

  dimension: rolling_sessions {
    type: number
    description: "Sessions started in the last loyal_rolling_days days, in the site's time zone, including the as-of day."
    sql: ${TABLE}.rolling_sessions ;;
  }

  dimension: rolling_pageviews {
    type: number
    description: "Pageviews in the last loyal_rolling_days days, in the site's time zone, including the as-of day."
    sql: ${TABLE}.rolling_pageviews ;;
  }

  dimension: days_since_last_session {
    type: number
    description: "Days from last_session_date to the as-of date, both in the site's time zone; 0 on the same day. Null when the variable as_of is earlier than that session."
    sql: ${TABLE}.days_since_last_session ;;
  }

  dimension: is_loyal {
    type: yesno
    group_label: "Flags"
    description: "Whether pageviews is at least loyal_lifetime_pageviews."
    sql: ${TABLE}.is_loyal ;;
  }

  dimension: is_rolling_loyal {
    type: yesno
    group_label: "Flags"
    description: "Whether rolling_pageviews is at least loyal_rolling_pageviews."
    sql: ${TABLE}.is_rolling_loyal ;;
  }

  dimension_group: first_session {
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
    description: "Date on which the first known session started, in the site's time zone."
    sql: ${TABLE}.first_session_date ;;
  }

  dimension_group: last_session {
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
    description: "Date on which the last known session started, in the site's time zone."
    sql: ${TABLE}.last_session_date ;;
  }

  dimension_group: first_seen_utc {
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
    description: "Start of the first known session, UTC."
    sql: ${TABLE}.first_seen_at ;;
  }

  dimension_group: last_seen_utc {
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
    description: "Last event of the visitor, UTC."
    sql: ${TABLE}.last_seen_at ;;
  }

  measure: known_visitors {
    label: "Known visitors"
    type: count_distinct
    description: "Visitors by the date of their first session, over all of the history."
    sql: ${TABLE}.visitor_key ;;
  }

  measure: visitors_with_2_sessions {
    label: "Visitors who came back"
    type: sum
    description: "Those of them with two sessions or more."
    sql: case when ${TABLE}.sessions >= 2 then 1 else 0 end ;;
  }

  measure: visitors_with_3_sessions {
    label: "Visitors who came back twice"
    type: sum
    description: "Those of them with three sessions or more."
    sql: case when ${TABLE}.sessions >= 3 then 1 else 0 end ;;
  }
}
