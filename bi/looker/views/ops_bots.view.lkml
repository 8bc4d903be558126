# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: ops_bots {
  label: "Ops bots"
  sql_table_name: @{schema}.ops_bots ;;

  dimension: bot_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site, date, rule and evidence."
    sql: ${TABLE}.bot_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: bot_rule {
    type: string
    description: "Rule that flagged the event as a bot's. The first match wins: user_agent (a robot's user agent), recorded_browser (the recorded browser names itself bot, crawler or spider), burst (the visitor had bot_burst_events events on one page within bot_burst_minutes, from one address, user agent and screen), fingerprint (at least bot_fingerprint_visitors visitors shared one address, user agent and screen on one day, each with a single pageview and nothing else)."
    sql: ${TABLE}.bot_rule ;;
  }

  dimension: evidence {
    type: string
    description: "Evidence for the bot. For user_agent, the matching pattern of the crawler list with the kind of crawler in brackets, or the words by which the user agent declares itself a bot. For recorded_browser, the browser. Otherwise a description of the rule."
    sql: ${TABLE}.evidence ;;
  }

  dimension: events {
    type: number
    description: "Events flagged by the rule with this evidence."
    sql: ${TABLE}.events ;;
  }

  dimension: pageviews {
    type: number
    description: "Pageviews among those events."
    sql: ${TABLE}.pageviews ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors with such events, exact. Do not sum: one visitor may be on several dates, under several rules and with several pieces of evidence."
    sql: ${TABLE}.visitors ;;
  }

  dimension: event_share {
    type: number
    description: "Share of all events of the site's date; a fraction, to three decimals."
    sql: ${TABLE}.event_share ;;
  }

  dimension: pageview_share {
    type: number
    description: "Share of all pageviews of the site's date; a fraction, to three decimals."
    sql: ${TABLE}.pageview_share ;;
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
    sql: ${TABLE}.bot_key ;;
  }
}
