# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: conversions {
  label: "Conversions"
  sql_table_name: @{schema}.fct_conversions ;;

  dimension: conversion_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the conversion event, from site and event id. Staging calls it event_key."
    sql: ${TABLE}.conversion_key ;;
  }

  dimension: session_key {
    hidden: yes
    type: string
    description: "Surrogate key of the session: the tracker's own, or, when the tracker kept none, a series of events without a gap of session_gap_minutes."
    sql: ${TABLE}.session_key ;;
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
    description: "Pageview on which the conversion happened: the nearest with its pageview id, else with its page load id, else of its page. Null when none arrived."
    sql: ${TABLE}.pageview_key ;;
  }

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post or page on which the conversion happened. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: conversion_type {
    type: string
    description: "Type of the conversion, one of the variable conversion_types. Null when not recorded."
    sql: ${TABLE}.conversion_type ;;
  }

  dimension: conversion_label {
    type: string
    description: "Label that the site gave the conversion."
    sql: ${TABLE}.conversion_label ;;
  }

  dimension: value_tier {
    type: string
    description: "high for high_value_conversion_types, low for low_value_conversion_types, medium for others. Null without a type."
    sql: ${TABLE}.value_tier ;;
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

  dimension: acquisition_channel {
    type: string
    group_label: "Source"
    description: "Channel that brought the session: email, paid, social, search, ai, aggregator, campaign, direct or referral. Null when the session came from the site itself."
    sql: ${TABLE}.acquisition_channel ;;
  }

  dimension: campaign {
    type: string
    group_label: "Campaign"
    description: "Campaign of the session: the first campaign parameter found, in the order of the seed campaign_parameters."
    sql: ${TABLE}.campaign ;;
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

  dimension: pageviews_before {
    type: number
    description: "Pageviews of the visitor in the attribution window, including that of the conversion."
    sql: ${TABLE}.pageviews_before ;;
  }

  dimension: posts_before {
    type: number
    description: "Number of distinct posts and pages among pageviews_before."
    sql: ${TABLE}.posts_before ;;
  }

  dimension: session_in_visitor {
    type: number
    description: "Number of the session among the known sessions of the visitor, from 1."
    sql: ${TABLE}.session_in_visitor ;;
  }

  dimension: is_attributable {
    type: yesno
    group_label: "Flags"
    description: "Whether the visitor has a pageview in the attribution window. Only such conversions have touchpoints."
    sql: ${TABLE}.is_attributable ;;
  }

  dimension_group: converted {
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
    description: "Date of converted_at in the site's time zone."
    sql: ${TABLE}.converted_date ;;
  }

  dimension_group: first_viewed_before_utc {
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
    description: "First of pageviews_before, UTC. Null when there is none."
    sql: ${TABLE}.first_viewed_before_at ;;
  }

  dimension_group: converted_utc {
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
    description: "Time of the conversion, UTC, usually to the second."
    sql: ${TABLE}.converted_at ;;
  }

  dimension_group: converted_local {
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
    description: "Hour of converted_at on the site's clock."
    sql: ${TABLE}.converted_local_hour ;;
  }

  measure: conversions {
    label: "Conversions"
    type: count_distinct
    description: "Conversion events, attributable or not."
    sql: ${TABLE}.conversion_key ;;
  }

  measure: converting_visitors {
    label: "Converting visitors"
    type: count_distinct
    description: "Distinct visitors with a conversion, exact."
    sql: ${TABLE}.visitor_key ;;
  }
}
