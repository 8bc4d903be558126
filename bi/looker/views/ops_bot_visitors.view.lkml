# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_bot_visitors {
  label: "Ops bot visitors"
  sql_table_name: @{schema}.ops_bot_visitors ;;

  dimension: bot_visitor_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from visitor and rule."
    sql: ${TABLE}.bot_visitor_key ;;
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

  dimension: evidence_key {
    hidden: yes
    type: string
    description: "Key of the page for a burst. For a fingerprint, a hash of the shared address, user agent and screen. Null for rules on the event itself."
    sql: ${TABLE}.evidence_key ;;
  }

  dimension: bot_rule {
    type: string
    description: "Rule that flagged the event as a bot's. The first match wins: user_agent (a robot's user agent), recorded_browser (the recorded browser names itself bot, crawler or spider), burst (the visitor had bot_burst_events events on one page within bot_burst_minutes, from one address, user agent and screen), fingerprint (at least bot_fingerprint_visitors visitors shared one address, user agent and screen on one day, each with a single pageview and nothing else)."
    sql: ${TABLE}.bot_rule ;;
  }

  dimension: evidence {
    type: string
    description: "Evidence for the bot, as in ops_bots. When there are several, the first one and the number of others."
    sql: ${TABLE}.evidence ;;
  }

  dimension: events {
    type: number
    description: "Events of the visitor flagged by the rule."
    sql: ${TABLE}.events ;;
  }

  dimension: pageviews {
    type: number
    description: "Pageviews among those events."
    sql: ${TABLE}.pageviews ;;
  }

  dimension_group: first_event {
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
    description: "Date of the first flagged event, in the site's time zone."
    sql: ${TABLE}.first_event_date ;;
  }

  dimension_group: last_event {
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
    description: "Date of the last flagged event, in the site's time zone."
    sql: ${TABLE}.last_event_date ;;
  }

  dimension_group: evidence_utc {
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
    description: "When the first burst reached the threshold; for a fingerprint, the first UTC day on which it did. Null for rules on the event itself."
    sql: ${TABLE}.evidence_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.bot_visitor_key ;;
  }
}
