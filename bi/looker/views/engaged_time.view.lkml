# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: engaged_time {
  label: "Engaged time"
  sql_table_name: @{schema}.fct_engaged_time ;;

  dimension: engaged_time_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row."
    sql: ${TABLE}.engaged_time_key ;;
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

  dimension: referrer_class {
    type: string
    group_label: "Referrer"
    description: "Class of the page's own referrer: internal, search, social, ai, aggregator, email, campaign, direct or other. Not the source of the session."
    sql: ${TABLE}.referrer_class ;;
  }

  dimension: device_class {
    type: string
    group_label: "Device"
    description: "Device class: desktop, mobile, tablet or other."
    sql: ${TABLE}.device_class ;;
  }

  dimension: views {
    hidden: yes
    type: number
    description: "Number of pageviews."
    sql: ${TABLE}.views ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors, exact, including those with only orphan engagement. Do not sum over rows: one visitor may be in several."
    sql: ${TABLE}.visitors ;;
  }

  dimension: engaged_seconds {
    hidden: yes
    type: number
    description: "Engaged seconds of the pageviews started in the hour, including orphan engagement."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: recirculated_views_of_row {
    hidden: yes
    type: number
    description: "Recirculation: views of other posts and pages referred from this one, counted in the hour, device class and referrer class (internal) of those views."
    sql: ${TABLE}.recirculated_views ;;
  }

  dimension_group: local {
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
    description: "Start of the hour on the site's clock, as a timestamp without time zone. When the clock goes back, two hours of UTC have the same."
    sql: ${TABLE}.local_hour ;;
  }

  dimension_group: hour_utc {
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
    description: "Start of the hour, UTC."
    sql: ${TABLE}.hour_at ;;
  }

  measure: hourly_engaged_seconds {
    label: "Engaged seconds by hour"
    type: sum
    description: "Engaged seconds of the pageviews started in the hour on the site's clock, from the hourly rollup."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds ;;
  }

  measure: hourly_views {
    label: "Views by hour"
    type: sum
    description: "Pageviews by the hour on the site's clock, from the hourly rollup."
    sql: ${TABLE}.views ;;
  }

  measure: recirculated_views {
    label: "Recirculated views"
    type: sum
    description: "Views of other pages of the site that were referred from a post, credited to that post."
    sql: ${TABLE}.recirculated_views ;;
  }

  measure: recirculation_rate {
    label: "Recirculation"
    type: number
    description: "Recirculated views of a post divided by its views."
    value_format_name: percent_1
    sql: 1.0 * ${recirculated_views} / nullif(${hourly_views}, 0) ;;
  }
}
