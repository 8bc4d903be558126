# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: posts {
  label: "Posts"
  sql_table_name: @{schema}.dim_posts ;;

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

  dimension: post_id {
    type: string
    description: "Publisher's post id; the canonical URL when there is none; otherwise the URL it was viewed under."
    sql: ${TABLE}.post_id ;;
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

  dimension: section_origin {
    type: string
    description: "Origin of section: `metadata`, or `url` for the first segment of the path. Null when the section is unknown."
    sql: ${TABLE}.section_origin ;;
  }

  dimension: raw_section {
    type: string
    description: "Section as sent, including `Uncategorized`. Null when no event carried metadata."
    sql: ${TABLE}.raw_section ;;
  }

  dimension: authors {
    type: string
    description: "Authors as a JSON list of names."
    sql: ${TABLE}.authors ;;
  }

  dimension: tags {
    type: string
    description: "Publisher's tags as a JSON list: trimmed, deduplicated, without machine tags (variable machine_tag_prefixes). Spellings that differ only in case are one tag, in the most common spelling among the site's tag lists."
    sql: ${TABLE}.tags ;;
  }

  dimension: raw_tags {
    type: string
    description: "Tags as sent, a JSON list: publisher's and machine tags, in any spelling."
    sql: ${TABLE}.raw_tags ;;
  }

  dimension: page_type {
    type: string
    description: "Type of page in the publisher's metadata: post, index or another. Null when no event carried metadata."
    sql: ${TABLE}.page_type ;;
  }

  dimension: image_url {
    type: string
    description: "Main image."
    sql: ${TABLE}.image_url ;;
  }

  dimension: thumb_url {
    type: string
    description: "Thumbnail image."
    sql: ${TABLE}.thumb_url ;;
  }

  dimension: custom_metadata {
    type: string
    description: "Publisher's own metadata as sent, usually JSON text."
    sql: ${TABLE}.custom_metadata ;;
  }

  dimension: word_count_bucket {
    type: string
    description: "Bucket of word_count: under 100, 100 to 499, 500 to 999, and so on to 4,000 and more. Null when unknown."
    sql: ${TABLE}.word_count_bucket ;;
  }

  dimension: word_count {
    type: number
    description: "Number of words in the body text."
    sql: ${TABLE}.word_count ;;
  }

  dimension: versions {
    type: number
    description: "Number of metadata versions; 0 for a page without events. A version that returns is counted again."
    sql: ${TABLE}.versions ;;
  }

  dimension: pages {
    type: number
    description: "Number of page addresses of the post."
    sql: ${TABLE}.pages ;;
  }

  dimension: has_metadata {
    type: yesno
    group_label: "Flags"
    description: "Whether any event carried metadata for the post."
    sql: ${TABLE}.has_metadata ;;
  }

  dimension: is_post {
    type: yesno
    group_label: "Flags"
    description: "Whether the page counts as a post: page_type is post, or unknown. Never for a page without events."
    sql: ${TABLE}.is_post ;;
  }

  dimension: has_events {
    type: yesno
    group_label: "Flags"
    description: "Whether the page has events of its own. If not, it is known as the referrer of another page, or by a video on it."
    sql: ${TABLE}.has_events ;;
  }

  dimension_group: published {
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
    description: "Date of published_at in the site's time zone. Null when unknown."
    sql: ${TABLE}.published_date ;;
  }

  dimension_group: published_utc {
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
    description: "Publication time from the metadata, UTC. Null when unknown."
    sql: ${TABLE}.published_at ;;
  }

  dimension_group: published_local {
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
    description: "Hour of published_at on the site's clock. Null when unknown."
    sql: ${TABLE}.published_local_hour ;;
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

  dimension_group: published_or_first_viewed_utc {
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
    description: "Publication time from the metadata, UTC; the first pageview when there is none. A publication time after the post's latest event is ignored as wrong."
    sql: ${TABLE}.published_or_first_viewed_at ;;
  }

  dimension_group: first_event_utc {
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
    description: "Earliest event, UTC."
    sql: ${TABLE}.first_event_at ;;
  }

  dimension_group: last_event_utc {
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
    description: "Latest event, UTC."
    sql: ${TABLE}.last_event_at ;;
  }

  measure: posts_published {
    label: "Posts published"
    type: sum
    description: "Posts by the date of their publication in the site's time zone."
    sql: case when ${TABLE}.is_post then 1 else 0 end ;;
  }
}
