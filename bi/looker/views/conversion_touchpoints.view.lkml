# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: conversion_touchpoints {
  label: "Conversion touchpoints"
  sql_table_name: @{schema}.fct_conversion_touchpoints ;;

  dimension: touchpoint_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from conversion and post."
    sql: ${TABLE}.touchpoint_key ;;
  }

  dimension: conversion_key {
    hidden: yes
    type: string
    description: "Surrogate key of the conversion event, from site and event id. Staging calls it event_key."
    sql: ${TABLE}.conversion_key ;;
  }

  dimension: session_key {
    hidden: yes
    type: string
    description: "Session in which the visitor first viewed the post in the attribution window."
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

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: acquisition_channel {
    type: string
    group_label: "Source"
    description: "Channel that brought the session: email, paid, social, search, ai, aggregator, campaign, direct or referral. Null when the session came from the site itself."
    sql: ${TABLE}.acquisition_channel ;;
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

  dimension: position {
    type: number
    description: "Order in which the posts were first viewed, from 1. The page of the conversion comes last when it was not viewed."
    sql: ${TABLE}.position ;;
  }

  dimension: touches {
    type: number
    description: "Number of distinct posts and pages with credit for the conversion."
    sql: ${TABLE}.touches ;;
  }

  dimension: views {
    type: number
    description: "Views in the attribution window; 0 for the page of the conversion when it was not viewed."
    sql: ${TABLE}.views ;;
  }

  dimension: first_touch {
    hidden: yes
    type: number
    description: "First-touch credit: 1 for the first post or page viewed, otherwise 0."
    sql: ${TABLE}.first_touch ;;
  }

  dimension: linear {
    hidden: yes
    type: number
    description: "Linear credit: 1 divided by touches."
    sql: ${TABLE}.linear ;;
  }

  dimension: last_touch {
    hidden: yes
    type: number
    description: "Last-touch credit: 1 for the page on which the conversion happened, otherwise 0."
    sql: ${TABLE}.last_touch ;;
  }

  dimension: last_post_touched {
    hidden: yes
    type: number
    description: "Last-post credit: 1 for the last touchpoint that is a post, otherwise 0."
    sql: ${TABLE}.last_post_touched ;;
  }

  dimension: is_post {
    type: yesno
    group_label: "Flags"
    description: "Whether the page is a post by its newest metadata, as in dim_posts."
    sql: ${TABLE}.is_post ;;
  }

  dimension: is_conversion_page {
    type: yesno
    group_label: "Flags"
    description: "Whether the conversion happened on this page."
    sql: ${TABLE}.is_conversion_page ;;
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

  dimension_group: first_touched_utc {
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
    description: "First view in the attribution window, UTC; for a page not viewed, the time of the conversion."
    sql: ${TABLE}.first_touched_at ;;
  }

  dimension_group: last_touched_utc {
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
    description: "Last view in the attribution window, UTC; for a page not viewed, the time of the conversion."
    sql: ${TABLE}.last_touched_at ;;
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

  measure: first_touch_conversions {
    label: "Conversions, first touch"
    type: sum
    description: "Conversions credited to the first page seen in the attribution window."
    sql: ${TABLE}.first_touch ;;
  }

  measure: last_post_conversions {
    label: "Conversions, last post"
    type: sum
    description: "Conversions credited to the last post seen before them."
    sql: ${TABLE}.last_post_touched ;;
  }

  measure: last_touch_conversions {
    label: "Conversions, last touch"
    type: sum
    description: "Conversions credited to the page on which they happened."
    sql: ${TABLE}.last_touch ;;
  }

  measure: linear_conversions {
    label: "Conversions, linear"
    type: sum
    description: "Conversions credited in equal shares to the pages seen in the attribution window."
    sql: ${TABLE}.linear ;;
  }
}
