# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: evergreen_posts {
  label: "Evergreen posts"
  sql_table_name: @{schema}.evergreen_posts ;;

  dimension: post_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the post. Joins dim_posts."
    sql: ${TABLE}.post_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: canonical_url {
    type: string
    description: "Canonical URL of the post; the URL it was viewed under when it has none."
    sql: ${TABLE}.canonical_url ;;
  }

  dimension: title {
    type: string
    description: "Headline, from the newest metadata."
    sql: ${TABLE}.title ;;
  }

  dimension: section {
    type: string
    description: "Section from the metadata. When the metadata has none or `Uncategorized`, the first segment of the canonical URL's path, if more segments follow, in the spelling that the site's metadata uses; null otherwise."
    sql: ${TABLE}.section ;;
  }

  dimension: days_live {
    type: number
    description: "Days since the post went live; 0 on that day itself."
    sql: ${TABLE}.days_live ;;
  }

  dimension: days_on_record {
    type: number
    description: "Days of the post's life covered by the data, first and last included: all, or those since the first event of the site."
    sql: ${TABLE}.days_on_record ;;
  }

  dimension: views {
    type: number
    description: "Number of pageviews."
    sql: ${TABLE}.views ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged time in seconds: the sum of heartbeat increments. Excludes time spent watching video."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: recent_views {
    type: number
    description: "Pageviews in the last evergreen_recent_days."
    sql: ${TABLE}.recent_views ;;
  }

  dimension: best_days {
    type: number
    description: "Number of the post's best days from which the threshold is computed: a tenth of days_on_record in whole days, at least 5, but no more than there are."
    sql: ${TABLE}.best_days ;;
  }

  dimension: best_day_views {
    type: number
    description: "Mean pageviews of those best days, to two decimals. Days without views count as 0."
    sql: ${TABLE}.best_day_views ;;
  }

  dimension: green_day_views {
    type: number
    description: "Pageviews that a day must exceed to be green, to two decimals."
    sql: ${TABLE}.green_day_views ;;
  }

  dimension: green_days {
    type: number
    description: "Green days since the post went live."
    sql: ${TABLE}.green_days ;;
  }

  dimension: recent_green_days {
    type: number
    description: "Green days among the last evergreen_recent_days."
    sql: ${TABLE}.recent_green_days ;;
  }

  dimension: is_evergreen_candidate {
    type: yesno
    group_label: "Flags"
    description: "Whether the post has at least evergreen_green_days recent green days and has been live from evergreen_candidate_days to evergreen_days."
    sql: ${TABLE}.is_evergreen_candidate ;;
  }

  dimension: is_evergreen {
    type: yesno
    group_label: "Flags"
    description: "Whether the post has at least evergreen_green_days recent green days and has been live for longer than evergreen_days."
    sql: ${TABLE}.is_evergreen ;;
  }

  dimension_group: last_green {
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
    description: "Last green day, in the site's time zone. Null when there was none."
    sql: ${TABLE}.last_green_date ;;
  }

  dimension_group: live_since_utc {
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
    description: "When the post went live, UTC: its publication time, or its first pageview if that is earlier or the publication time is unknown."
    sql: ${TABLE}.live_since_at ;;
  }

  dimension_group: as_of_utc {
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
    description: "As-of time of the site, UTC: its newest event, or the variable as_of."
    sql: ${TABLE}.as_of_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.post_key ;;
  }
}
