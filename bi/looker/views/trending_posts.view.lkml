# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: trending_posts {
  label: "Trending posts"
  sql_table_name: @{schema}.trending_posts ;;

  dimension: trending_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from site and post."
    sql: ${TABLE}.trending_key ;;
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

  dimension: state {
    type: string
    description: "First status that applies: rising (score at or above trending_score_threshold), fading (at or below its negative, with trending_minimum_views in the baseline), new (is_new), evergreen (is_evergreen), otherwise steady."
    sql: ${TABLE}.state ;;
  }

  dimension: position {
    type: number
    description: "Rank in the site by score, then by views, from 1."
    sql: ${TABLE}.position ;;
  }

  dimension: views {
    type: number
    description: "Pageviews in the window."
    sql: ${TABLE}.views ;;
  }

  dimension: expected_views {
    type: number
    description: "Expected pageviews in the window, to two decimals."
    sql: ${TABLE}.expected_views ;;
  }

  dimension: typical_views {
    type: number
    description: "Pageviews that a typical post of this age would have in the window, to two decimals."
    sql: ${TABLE}.typical_views ;;
  }

  dimension: score {
    type: number
    description: "(views - expected_views) / sqrt(expected_views + 1), to two decimals: how many standard deviations of a count the views are above the expected value. Negative when below."
    sql: ${TABLE}.score ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged seconds so far of the pageviews started in the window. The latest readers may still be reading."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: expected_engaged_seconds {
    type: number
    description: "expected_views times the post's own engaged seconds per view over the baseline, smoothed by adding one view with the mean of the site's posts."
    sql: ${TABLE}.expected_engaged_seconds ;;
  }

  dimension: engaged_ratio {
    type: number
    description: "engaged_seconds divided by expected seconds, to two decimals. Null when none were expected."
    sql: ${TABLE}.engaged_ratio ;;
  }

  dimension: baseline_views {
    type: number
    description: "Pageviews in the baseline."
    sql: ${TABLE}.baseline_views ;;
  }

  dimension: is_new {
    type: yesno
    group_label: "Flags"
    description: "Whether the post went live after the start of the baseline."
    sql: ${TABLE}.is_new ;;
  }

  dimension: is_evergreen {
    type: yesno
    group_label: "Flags"
    description: "Whether the post is evergreen in evergreen_posts."
    sql: ${TABLE}.is_evergreen ;;
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

  dimension_group: first_viewed_utc {
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
    description: "First pageview, UTC. Null when the post has events but no pageview."
    sql: ${TABLE}.first_viewed_at ;;
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
    sql: ${TABLE}.trending_key ;;
  }
}
