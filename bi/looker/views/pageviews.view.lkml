# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: pageviews {
  label: "Pageviews"
  sql_table_name: @{schema}.fct_pageviews ;;

  dimension: pageview_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the pageview, from session, pageview id (or page) and the number of the view among those with the same id. Orphan engagement has its own key."
    sql: ${TABLE}.pageview_key ;;
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
    description: "Unit of recomputation: a session of the tracker, or all events of a visitor whose tracker keeps no sessions."
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

  dimension: post_key {
    hidden: yes
    type: string
    description: "Surrogate key of the post. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: referrer_post_key {
    hidden: yes
    type: string
    group_label: "Referrer"
    description: "Post that referred this view, when the referrer is another post or page of the site. Joins dim_posts."
    sql: ${TABLE}.referrer_post_key ;;
  }

  dimension: next_post_key {
    hidden: yes
    type: string
    description: "Post of the next pageview in the session, possibly the same post. Null for the last pageview. Joins dim_posts."
    sql: ${TABLE}.next_post_key ;;
  }

  dimension: campaign_key {
    hidden: yes
    type: string
    group_label: "Campaign"
    description: "Surrogate key of the campaign in the page's own URL. Null without one."
    sql: ${TABLE}.campaign_key ;;
  }

  dimension: pageview_id {
    type: string
    description: "Pageview id as the tracker sent it. Null on AMP and from old trackers."
    sql: ${TABLE}.pageview_id ;;
  }

  dimension: page_url {
    type: string
    description: "URL of the page: scheme, host and path."
    sql: ${TABLE}.page_url ;;
  }

  dimension: next_page_url {
    type: string
    description: "URL of the next pageview in the session. Null for the last pageview."
    sql: ${TABLE}.next_page_url ;;
  }

  dimension: referrer_url {
    type: string
    group_label: "Referrer"
    description: "Full referrer URL as recorded by the browser, with https:// added when it had no scheme. Null when it names neither a page nor an app."
    sql: ${TABLE}.referrer_url ;;
  }

  dimension: referrer_class {
    type: string
    group_label: "Referrer"
    description: "Class of the page's own referrer: internal, search, social, ai, aggregator, email, campaign, direct or other. Not the source of the session."
    sql: ${TABLE}.referrer_class ;;
  }

  dimension: referrer_name {
    type: string
    group_label: "Referrer"
    description: "Name of the referrer: search engine, network or app; otherwise the registrable domain or host. For a view without a referrer, the first of campaign source, medium and name. Null for direct views."
    sql: ${TABLE}.referrer_name ;;
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

  dimension: campaign_id {
    type: string
    group_label: "Campaign"
    description: "Campaign id as the tracker recorded it; the campaign name when there is none."
    sql: ${TABLE}.campaign_id ;;
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

  dimension: campaign_channel {
    type: string
    group_label: "Campaign"
    description: "Channel of the campaign's medium or source, by the seed campaign_channels. Null when neither is listed."
    sql: ${TABLE}.campaign_channel ;;
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
    description: "Visitor segment recorded on the event itself: the first of the extra_data keys in segment_keys with a value. Null when none has one."
    sql: ${TABLE}.segment ;;
  }

  dimension: extra_data {
    type: string
    description: "Complete extra_data that the site sent with the view, as JSON text. Null when nothing was sent."
    sql: ${TABLE}.extra_data ;;
  }

  dimension: read_category {
    type: string
    description: "Reading depth: skim up to skim_max_seconds of engaged time, read up to read_max_seconds, deep read above. Null for orphan engagement. The defaults, 15 and 40, are one of two sets in common use; the other is 10 and 30."
    sql: ${TABLE}.read_category ;;
  }

  dimension: word_count_bucket {
    type: string
    description: "Bucket of word_count: under 100, 100 to 499, 500 to 999, and so on to 4,000 and more. Null when unknown."
    sql: ${TABLE}.word_count_bucket ;;
  }

  dimension: views_of_row {
    hidden: yes
    type: number
    description: "1 for a pageview, 0 for orphan engagement. Sum to count pageviews."
    sql: ${TABLE}.views ;;
  }

  dimension: engaged_seconds_of_row {
    hidden: yes
    type: number
    description: "Engaged time in seconds: the sum of heartbeat increments. Excludes time spent watching video."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: pageview_in_session {
    type: number
    description: "Number of the pageview in its session, from 1. Null for orphan engagement."
    sql: ${TABLE}.pageview_in_session ;;
  }

  dimension: word_count {
    hidden: yes
    type: number
    description: "Words in the body text, as recorded on this view. Null when not recorded. dim_posts has the newest known value."
    sql: ${TABLE}.word_count ;;
  }

  dimension: hours_since_published {
    type: number
    description: "Whole hours from the publication time recorded on this view to the view. Null when none is recorded, or one later than the view."
    sql: ${TABLE}.hours_since_published ;;
  }

  dimension: is_orphan {
    type: yesno
    group_label: "Flags"
    description: "Whether this is engagement whose pageview never arrived. Such a row counts 0 views."
    sql: ${TABLE}.is_orphan ;;
  }

  dimension: is_entry {
    type: yesno
    group_label: "Flags"
    description: "Whether this is the first pageview of its session."
    sql: ${TABLE}.is_entry ;;
  }

  dimension: is_exit {
    type: yesno
    group_label: "Flags"
    description: "Whether this is the last pageview of its session."
    sql: ${TABLE}.is_exit ;;
  }

  dimension: is_recirculated {
    type: yesno
    group_label: "Flags"
    description: "Whether the view recirculated: a later view in the session, of another post or page of the site, has this post as its referrer. Credited to the latest view of the post before it. False for orphan engagement."
    sql: ${TABLE}.is_recirculated ;;
  }

  dimension: is_returning {
    type: yesno
    group_label: "Flags"
    description: "Whether the visitor was seen in the returning_visitor_days before the session started. As of that session."
    sql: ${TABLE}.is_returning ;;
  }

  dimension: is_amp {
    type: yesno
    group_label: "Flags"
    description: "Whether the page was an AMP page."
    sql: ${TABLE}.is_amp ;;
  }

  dimension_group: viewed {
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
    description: "Date of viewed_at in the site's time zone."
    sql: ${TABLE}.viewed_date ;;
  }

  dimension_group: viewed_utc {
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
    description: "Time of the pageview, UTC; for orphan engagement, of its first heartbeat."
    sql: ${TABLE}.viewed_at ;;
  }

  dimension_group: viewed_local {
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
    description: "Hour of viewed_at on the site's clock."
    sql: ${TABLE}.viewed_local_hour ;;
  }

  measure: avg_engaged {
    label: "Engaged minutes per visitor"
    type: number
    description: "Engaged minutes divided by visitors, not rounded."
    value_format_name: decimal_1
    sql: 1.0 * ${engaged_minutes} / nullif(${visitors}, 0) ;;
  }

  measure: deep_read_rate {
    label: "Deep reads"
    type: number
    description: "Share of the views that are read for longer than read_max_seconds."
    value_format_name: percent_1
    sql: 1.0 * ${deep_reads} / nullif(${views}, 0) ;;
  }

  measure: deep_reads {
    label: "Deep reads, views"
    type: sum
    description: "Views that are read for longer than read_max_seconds."
    sql: case when ${TABLE}.read_category = 'deep read' then ${TABLE}.views else 0 end ;;
  }

  measure: engaged_minutes {
    label: "Engaged time, minutes"
    type: number
    description: "Engaged time in minutes, not rounded."
    value_format_name: decimal_1
    sql: ${engaged_seconds} / 60.0 ;;
  }

  measure: engaged_seconds {
    label: "Engaged time, seconds"
    type: sum
    description: "Sum of the heartbeats' increments. Watch time of videos is separate."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds ;;
  }

  measure: engaged_seconds_per_view {
    label: "Engaged seconds per view"
    type: number
    description: "Engaged seconds, those of orphan engagement too, divided by views."
    value_format_name: decimal_0
    sql: 1.0 * ${engaged_seconds} / nullif(${views}, 0) ;;
  }

  measure: longest_post {
    label: "Longest post"
    type: max
    description: "Words of the longest post viewed."
    sql: ${TABLE}.word_count ;;
  }

  measure: posts_viewed {
    label: "Posts viewed"
    type: count_distinct
    description: "Distinct posts and other pages with a view, exact."
    sql: case when ${TABLE}.views > 0 then ${TABLE}.post_key end ;;
  }

  measure: views {
    label: "Views"
    type: sum
    description: "Pageviews. Orphan engagement counts none."
    sql: ${TABLE}.views ;;
  }

  measure: views_desktop {
    label: "Views on desktops"
    type: sum
    filters: [
      device_class: "desktop",
    ]
    description: "Pageviews on desktops and laptops."
    sql: ${TABLE}.views ;;
  }

  measure: views_mobile {
    label: "Views on phones"
    type: sum
    filters: [
      device_class: "mobile",
    ]
    description: "Pageviews on phones."
    sql: ${TABLE}.views ;;
  }

  measure: views_other {
    label: "Views on other devices"
    type: sum
    filters: [
      device_class: "other",
    ]
    description: "Pageviews on devices of no known class."
    sql: ${TABLE}.views ;;
  }

  measure: views_per_post {
    label: "Views per post"
    type: number
    description: "Pageviews divided by the posts and other pages viewed."
    sql: 1.0 * ${views} / nullif(${posts_viewed}, 0) ;;
  }

  measure: views_tablet {
    label: "Views on tablets"
    type: sum
    filters: [
      device_class: "tablet",
    ]
    description: "Pageviews on tablets."
    sql: ${TABLE}.views ;;
  }

  measure: visitors {
    label: "Visitors"
    type: count_distinct
    description: "Distinct visitors, exact, including those with only orphan engagement. Never add up those of several rows."
    sql: ${TABLE}.visitor_key ;;
  }

  measure: visitors_new {
    label: "New visitors"
    type: number
    description: "Visitors that are not returning ones, so both add up to all."
    sql: ${visitors} - coalesce(${visitors_returning}, 0) ;;
  }

  measure: visitors_returning {
    label: "Returning visitors"
    type: count_distinct
    description: "Distinct visitors with a session that followed an earlier one within returning_visitor_days (30)."
    sql: case when ${TABLE}.is_returning then ${TABLE}.visitor_key end ;;
  }

  measure: words_viewed {
    label: "Words of viewed posts"
    type: sum
    description: "Words of the posts viewed, once for each view."
    sql: ${TABLE}.views * ${TABLE}.word_count ;;
  }
}
