# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: video_plays {
  label: "Video plays"
  sql_table_name: @{schema}.fct_video_plays ;;

  dimension: play_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the play, from session, videostart id (or video) and the number of the start among those with the same id. Orphan watch time has its own key."
    sql: ${TABLE}.play_key ;;
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
    description: "Pageview on which the play happened: the nearest with its pageview id, else with its page load id, else of its page. Null when none arrived."
    sql: ${TABLE}.pageview_key ;;
  }

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post or page on which the video plays. Joins dim_posts when the page has events other than video."
    sql: ${TABLE}.post_key ;;
  }

  dimension: video_key {
    hidden: yes
    type: string
    group_label: "Video"
    description: "Surrogate key of the video: its link or id in the events, or the page it plays on when they carry neither."
    sql: ${TABLE}.video_key ;;
  }

  dimension: videostart_id {
    type: string
    description: "Videostart id as the tracker sent it. Null on AMP and from old trackers."
    sql: ${TABLE}.videostart_id ;;
  }

  dimension: video_post_id {
    type: string
    group_label: "Video"
    description: "Publisher's id of the video."
    sql: ${TABLE}.video_post_id ;;
  }

  dimension: page_url {
    type: string
    description: "URL of the page on which the video plays: scheme, host and path."
    sql: ${TABLE}.page_url ;;
  }

  dimension: video_url {
    type: string
    group_label: "Video"
    description: "Link or id of the video, as its events carry it."
    sql: ${TABLE}.video_url ;;
  }

  dimension: video_title {
    type: string
    group_label: "Video"
    description: "Title of the video at the time of the play."
    sql: ${TABLE}.video_title ;;
  }

  dimension: video_section {
    type: string
    group_label: "Video"
    description: "Section of the video at the time of the play."
    sql: ${TABLE}.video_section ;;
  }

  dimension: video_authors {
    type: string
    group_label: "Video"
    description: "Authors of the video as a JSON list of names."
    sql: ${TABLE}.video_authors ;;
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

  dimension: watch_category {
    type: string
    description: "Watching depth: skim up to video_skim_max_seconds of watch time, watch up to video_watch_max_seconds, deep watch above. Null for orphan watch time."
    sql: ${TABLE}.watch_category ;;
  }

  dimension: plays {
    hidden: yes
    type: number
    description: "1 for a play, 0 for orphan watch time. Sum to count video starts."
    sql: ${TABLE}.plays ;;
  }

  dimension: watch_seconds_of_row {
    hidden: yes
    type: number
    description: "Time spent watching video, in seconds: the sum of vheartbeat increments. Not part of engaged time."
    sql: ${TABLE}.watch_seconds ;;
  }

  dimension: video_duration_seconds {
    type: number
    group_label: "Video"
    description: "Length of the video in seconds. Null when not recorded. Trackers pass on the player's value, so its unit is a variable, video_duration_unit."
    sql: ${TABLE}.video_duration_seconds ;;
  }

  dimension: watched_share {
    type: number
    description: "Watch seconds divided by the length of the video; above 1 when parts were watched again. Null when the length is not recorded."
    sql: ${TABLE}.watched_share ;;
  }

  dimension: play_in_session {
    type: number
    description: "Number of the play in its session, from 1. Null for orphan watch time."
    sql: ${TABLE}.play_in_session ;;
  }

  dimension: is_orphan {
    type: yesno
    group_label: "Flags"
    description: "Whether this is watch time whose videostart never arrived. Such a row counts 0 plays."
    sql: ${TABLE}.is_orphan ;;
  }

  dimension_group: started {
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
    description: "Date of started_at in the site's time zone."
    sql: ${TABLE}.started_date ;;
  }

  dimension_group: started_utc {
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
    description: "Start of the play, UTC; for orphan watch time, its first vheartbeat."
    sql: ${TABLE}.started_at ;;
  }

  dimension_group: started_local {
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
    description: "Hour of started_at on the site's clock."
    sql: ${TABLE}.started_local_hour ;;
  }

  measure: video_plays {
    label: "Video plays"
    type: sum
    description: "Started plays. Orphan watch time counts none."
    sql: ${TABLE}.plays ;;
  }

  measure: video_seconds {
    label: "Length of started videos, seconds"
    type: sum
    description: "Length of the videos started, once for each play."
    value_format_name: decimal_0
    sql: ${TABLE}.plays * ${TABLE}.video_duration_seconds ;;
  }

  measure: video_viewers {
    label: "Video viewers"
    type: count_distinct
    description: "Distinct visitors who started a video, exact."
    sql: case when ${TABLE}.plays > 0 then ${TABLE}.visitor_key end ;;
  }

  measure: watch_seconds {
    label: "Watch time, seconds"
    type: sum
    description: "Time spent watching videos. Never part of engaged time."
    value_format_name: decimal_0
    sql: ${TABLE}.watch_seconds ;;
  }
}
