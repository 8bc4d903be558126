# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: custom_events {
  label: "Custom events"
  sql_table_name: @{schema}.fct_custom_events ;;

  dimension: event_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the event, from site and event id."
    sql: ${TABLE}.event_key ;;
  }

  dimension: session_key {
    hidden: yes
    type: string
    description: "Surrogate key of the session: the tracker's own, or, when the tracker kept none, a series of events without a gap of session_gap_minutes."
    sql: ${TABLE}.session_key ;;
  }

  dimension: session_scope_key {
    hidden: yes
    type: string
    description: "Unit of recomputation: a session of the tracker or, when the tracker kept none, one UTC day of a visitor. When a session spans several days, all of them are affected together."
    sql: ${TABLE}.session_scope_key ;;
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

  dimension: pageview_key {
    hidden: yes
    type: string
    description: "Pageview on which the event happened: the nearest with its pageview id, else with its page load id, else of its page. Null when none arrived."
    sql: ${TABLE}.pageview_key ;;
  }

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: action {
    type: string
    description: "Name of the custom event, as the site sends it."
    sql: ${TABLE}.action ;;
  }

  dimension: extra_data {
    type: string
    description: "Complete extra_data that the site sent, as JSON text; usually an object. Null when nothing was sent."
    sql: ${TABLE}.extra_data ;;
  }

  dimension: page_url {
    type: string
    description: "URL of the page: scheme, host and path."
    sql: ${TABLE}.page_url ;;
  }

  dimension: source_class {
    type: string
    group_label: "Source"
    description: "Class of the session's source. Same values as referrer_class."
    sql: ${TABLE}.source_class ;;
  }

  dimension: source_name {
    type: string
    group_label: "Source"
    description: "Name of the session's source. Null for direct visits."
    sql: ${TABLE}.source_name ;;
  }

  dimension: channel {
    type: string
    group_label: "Source"
    description: "Platform on which the page was read: website, amp, fbia, apln or an app."
    sql: ${TABLE}.channel ;;
  }

  dimension: device_class {
    type: string
    group_label: "Device"
    description: "Device class: desktop, mobile, tablet or other."
    sql: ${TABLE}.device_class ;;
  }

  dimension: country_code {
    type: string
    group_label: "Place"
    description: "ISO country code of the visitor, from the IP address."
    sql: ${TABLE}.country_code ;;
  }

  dimension_group: occurred {
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
    description: "Date of occurred_at in the site's time zone."
    sql: ${TABLE}.occurred_date ;;
  }

  dimension_group: occurred_utc {
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
    description: "Time of the event, UTC, usually to the second."
    sql: ${TABLE}.occurred_at ;;
  }

  dimension_group: occurred_local {
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
    convert_tz: no
    description: "Hour of occurred_at on the site's clock."
    sql: ${TABLE}.occurred_local_hour ;;
  }

  measure: custom_events {
    label: "Custom events"
    type: count_distinct
    description: "Events of the site's own actions."
    sql: ${TABLE}.event_key ;;
  }
}
