# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: sessions {
  label: "Sessions"
  sql_table_name: @{schema}.fct_sessions ;;

  dimension: session_key {
    primary_key: yes
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

  dimension: entry_post_key {
    hidden: yes
    type: string
    description: "Post on which the session started: its first pageview, else its first event. Joins dim_posts."
    sql: ${TABLE}.entry_post_key ;;
  }

  dimension: exit_post_key {
    hidden: yes
    type: string
    description: "Post on which the session ended: its last pageview, else its last event. Joins dim_posts."
    sql: ${TABLE}.exit_post_key ;;
  }

  dimension: campaign_key {
    hidden: yes
    type: string
    group_label: "Campaign"
    description: "Surrogate key of the campaign through which the session was entered. Null without one."
    sql: ${TABLE}.campaign_key ;;
  }

  dimension: entry_page_url {
    type: string
    description: "URL of the page on which the session started."
    sql: ${TABLE}.entry_page_url ;;
  }

  dimension: exit_page_url {
    type: string
    description: "URL of the page on which the session ended."
    sql: ${TABLE}.exit_page_url ;;
  }

  dimension: source_url {
    type: string
    group_label: "Source"
    description: "Full referrer URL of the session's first page. Null when there is none."
    sql: ${TABLE}.source_url ;;
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
    description: "Acquisition channel: email, paid, social, search, ai, aggregator, campaign, direct or referral. Null when the session came from the site itself."
    sql: ${TABLE}.acquisition_channel ;;
  }

  dimension: campaign {
    type: string
    group_label: "Campaign"
    description: "Campaign name: the first campaign parameter of the URL, in the order of the seed campaign_parameters. The query string takes precedence over the fragment."
    sql: ${TABLE}.campaign ;;
  }

  dimension: campaign_medium {
    type: string
    group_label: "Campaign"
    description: "Campaign medium, chosen in the same order as campaign."
    sql: ${TABLE}.campaign_medium ;;
  }

  dimension: campaign_source {
    type: string
    group_label: "Campaign"
    description: "Campaign source, chosen in the same order as campaign."
    sql: ${TABLE}.campaign_source ;;
  }

  dimension: campaign_content {
    type: string
    group_label: "Campaign"
    description: "Campaign content, chosen in the same order as campaign."
    sql: ${TABLE}.campaign_content ;;
  }

  dimension: campaign_term {
    type: string
    group_label: "Campaign"
    description: "Campaign term, chosen in the same order as campaign."
    sql: ${TABLE}.campaign_term ;;
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

  dimension: browser {
    type: string
    group_label: "Device"
    description: "Browser family."
    sql: ${TABLE}.browser ;;
  }

  dimension: os {
    type: string
    group_label: "Device"
    description: "Operating system family."
    sql: ${TABLE}.os ;;
  }

  dimension: country_code {
    type: string
    group_label: "Place"
    description: "ISO country code of the visitor, from the IP address."
    sql: ${TABLE}.country_code ;;
  }

  dimension: region_code {
    type: string
    group_label: "Place"
    description: "State, province or region code of the visitor, from the IP address."
    sql: ${TABLE}.region_code ;;
  }

  dimension: city_name {
    type: string
    group_label: "Place"
    description: "City of the visitor, from the IP address."
    sql: ${TABLE}.city_name ;;
  }

  dimension: segment {
    type: string
    description: "Segment of the visitor at the end of the session: the last value recorded in it or in an earlier session, from the extra_data keys in segment_keys. Null when none is recorded yet."
    sql: ${TABLE}.segment ;;
  }

  dimension: session_in_visitor {
    type: number
    description: "Number of the session among the known sessions of the visitor, from 1."
    sql: ${TABLE}.session_in_visitor ;;
  }

  dimension: sessions_before {
    type: number
    description: "Sessions of the visitor before this one, by the events or by the tracker's own count, whichever is higher."
    sql: ${TABLE}.sessions_before ;;
  }

  dimension: days_since_last_session {
    type: number
    description: "Whole days from when the visitor was last seen, by earlier events or by the tracker, to the start of this session. Null when never seen before."
    sql: ${TABLE}.days_since_last_session ;;
  }

  dimension: duration_seconds {
    hidden: yes
    type: number
    description: "Seconds from the first event to the last."
    sql: ${TABLE}.duration_seconds ;;
  }

  dimension: events {
    type: number
    description: "Number of events of any kind."
    sql: ${TABLE}.events ;;
  }

  dimension: pageviews {
    hidden: yes
    type: number
    description: "Number of pageviews."
    sql: ${TABLE}.pageviews ;;
  }

  dimension: posts {
    type: number
    description: "Number of distinct posts and pages viewed."
    sql: ${TABLE}.posts ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged time in seconds: the sum of heartbeat increments. Excludes time spent watching video."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: video_starts {
    type: number
    group_label: "Video"
    description: "Number of video starts."
    sql: ${TABLE}.video_starts ;;
  }

  dimension: video_watch_seconds {
    type: number
    group_label: "Video"
    description: "Time spent watching video, in seconds."
    sql: ${TABLE}.video_watch_seconds ;;
  }

  dimension: conversions {
    type: number
    description: "Number of conversion events."
    sql: ${TABLE}.conversions ;;
  }

  dimension: is_returning {
    type: yesno
    group_label: "Flags"
    description: "Whether the visitor was seen in the returning_visitor_days before the session started, by earlier events or by the tracker. As of this session; later visits never change it."
    sql: ${TABLE}.is_returning ;;
  }

  dimension: is_bounce {
    type: yesno
    group_label: "Flags"
    description: "Whether the session has exactly one pageview."
    sql: ${TABLE}.is_bounce ;;
  }

  dimension: is_overlong {
    type: yesno
    group_label: "Flags"
    description: "Whether the session lasted longer than overlong_session_hours: a tab that was never closed, or a tracker that never ends a session. Such a session is flagged, not split."
    sql: ${TABLE}.is_overlong ;;
  }

  dimension: has_tracker_session {
    type: yesno
    group_label: "Flags"
    description: "Whether the tracker kept the session. If not, it is a series of events without a long gap."
    sql: ${TABLE}.has_tracker_session ;;
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
    description: "First event, UTC."
    sql: ${TABLE}.started_at ;;
  }

  dimension_group: ended_utc {
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
    description: "Last event, UTC."
    sql: ${TABLE}.ended_at ;;
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

  measure: bounce_rate {
    label: "Bounce rate"
    type: number
    description: "Sessions with exactly one pageview, divided by sessions."
    value_format_name: percent_1
    sql: 1.0 * ${bounces} / nullif(${sessions}, 0) ;;
  }

  measure: bounces {
    label: "Bounces"
    type: sum
    description: "Sessions with exactly one pageview."
    sql: case when ${TABLE}.is_bounce then 1 else 0 end ;;
  }

  measure: pageviews_per_session {
    label: "Pageviews per session"
    type: number
    description: "Pageviews divided by sessions."
    sql: 1.0 * ${session_pageviews} / nullif(${sessions}, 0) ;;
  }

  measure: seconds_per_session {
    label: "Seconds per session"
    type: number
    description: "Session time divided by sessions."
    value_format_name: decimal_0
    sql: 1.0 * ${session_seconds} / nullif(${sessions}, 0) ;;
  }

  measure: session_pageviews {
    label: "Pageviews of sessions"
    type: sum
    description: "All pageviews of the sessions, on the date and with the source of the session."
    sql: ${TABLE}.pageviews ;;
  }

  measure: session_seconds {
    label: "Session time, seconds"
    type: sum
    description: "Seconds from the first event of a session to its last, added up."
    value_format_name: decimal_0
    sql: ${TABLE}.duration_seconds ;;
  }

  measure: sessions {
    label: "Sessions"
    type: count_distinct
    description: "Sessions, those without a pageview too."
    sql: ${TABLE}.session_key ;;
  }
}
