# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: posts_history {
  label: "Posts history"
  sql_table_name: @{schema}.dim_posts_history ;;

  dimension: version_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the version, from post and valid_from."
    sql: ${TABLE}.version_key ;;
  }

  dimension: post_key {
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
    description: "Headline. For a headline test, the one that remains at the end."
    sql: ${TABLE}.title ;;
  }

  dimension: title_variants {
    type: string
    description: "JSON list of the titles tested in the version, in order of first occurrence, including title. Null when there was only one."
    sql: ${TABLE}.title_variants ;;
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

  dimension: version_number {
    type: number
    description: "Number of the version among the post's versions, from 1."
    sql: ${TABLE}.version_number ;;
  }

  dimension: word_count {
    type: number
    description: "Number of words in the body text."
    sql: ${TABLE}.word_count ;;
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
    description: "Whether the page counts as a post: page_type is post, or unknown."
    sql: ${TABLE}.is_post ;;
  }

  dimension: is_settling {
    type: yesno
    group_label: "Flags"
    description: "Whether the version started within metadata_settling_days of publication: of its own published_at, or of the post's first pageview when it has none."
    sql: ${TABLE}.is_settling ;;
  }

  dimension: is_current {
    type: yesno
    group_label: "Flags"
    description: "Whether the version is the newest of the post."
    sql: ${TABLE}.is_current ;;
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

  dimension_group: saved_utc {
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
    description: "When the metadata was saved, as recorded on the version's first event, UTC."
    sql: ${TABLE}.saved_at ;;
  }

  dimension_group: valid_from {
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
    description: "First event that carried the version, UTC."
    sql: ${TABLE}.valid_from ;;
  }

  dimension_group: valid_to {
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
    description: "Start of the next version, UTC, exclusive. Null for the current version."
    sql: ${TABLE}.valid_to ;;
  }

  dimension_group: applies_from {
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
    description: "Start of the traffic to which the version applies under metadata_rule, UTC. For the first version that applies, earliest_event_date; null for versions that apply to no traffic."
    sql: ${TABLE}.applies_from ;;
  }

  dimension_group: applies_to {
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
    description: "End of the traffic to which the version applies, UTC, exclusive. For the current version, the day after latest_event_date; null for versions that apply to no traffic."
    sql: ${TABLE}.applies_to ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.version_key ;;
  }
}
