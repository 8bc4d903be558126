# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: campaigns {
  label: "Campaigns"
  sql_table_name: @{schema}.dim_campaigns ;;

  dimension: campaign_key {
    primary_key: yes
    hidden: yes
    type: string
    group_label: "Campaign"
    description: "Surrogate key of the campaign: site, campaign, medium, source, content and term."
    sql: ${TABLE}.campaign_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
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
    description: "Channel from the medium and source, by the seed campaign_channels: email, paid or social. Null when neither is listed."
    sql: ${TABLE}.campaign_channel ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors reached by a pageview or a session, exact. Do not sum over campaigns."
    sql: ${TABLE}.visitors ;;
  }

  dimension: views {
    type: number
    description: "Pageviews whose own URL carries the campaign."
    sql: ${TABLE}.views ;;
  }

  dimension: engaged_seconds {
    type: number
    description: "Engaged time in seconds on those pageviews, including orphan engagement."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: sessions {
    type: number
    description: "Number of sessions entered through the campaign."
    sql: ${TABLE}.sessions ;;
  }

  dimension: session_pageviews {
    type: number
    description: "All pageviews in those sessions."
    sql: ${TABLE}.session_pageviews ;;
  }

  dimension: session_engaged_seconds {
    type: number
    description: "Engaged time in seconds in those sessions."
    sql: ${TABLE}.session_engaged_seconds ;;
  }

  dimension: conversions {
    type: number
    description: "Number of conversion events in those sessions."
    sql: ${TABLE}.conversions ;;
  }

  dimension_group: first_seen_utc {
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
    description: "First pageview with the campaign, or start of the first session entered through it, UTC."
    sql: ${TABLE}.first_seen_at ;;
  }

  dimension_group: last_seen_utc {
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
    description: "Last pageview with the campaign, or start of the last session entered through it, UTC."
    sql: ${TABLE}.last_seen_at ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.campaign_key ;;
  }
}
