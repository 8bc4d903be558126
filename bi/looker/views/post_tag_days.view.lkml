# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: post_tag_days {
  label: "Post tag days"
  sql_table_name: @{schema}.fct_post_tag_days ;;

  dimension: post_tag_day_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from post, tag and date."
    sql: ${TABLE}.post_tag_day_key ;;
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

  dimension: tag {
    type: string
    description: "Tag, as in bridge_post_tags. Null when the post has no tags."
    sql: ${TABLE}.tag ;;
  }

  dimension: tags {
    type: number
    description: "Number of tags of the post."
    sql: ${TABLE}.tags ;;
  }

  dimension: views {
    hidden: yes
    type: number
    description: "Pageviews of the post on the date."
    sql: ${TABLE}.views ;;
  }

  dimension: engaged_seconds {
    hidden: yes
    type: number
    description: "Engaged seconds of the pageviews started on the date, including orphan engagement."
    sql: ${TABLE}.engaged_seconds ;;
  }

  dimension: views_share {
    hidden: yes
    type: number
    description: "Pageviews divided by the number of tags; all of them when there is none."
    sql: ${TABLE}.views_share ;;
  }

  dimension: engaged_seconds_share {
    hidden: yes
    type: number
    description: "Engaged seconds divided by the number of tags; all of them when there is none."
    sql: ${TABLE}.engaged_seconds_share ;;
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
    description: "Date of the views in the site's time zone."
    sql: ${TABLE}.viewed_date ;;
  }

  measure: tag_engaged_seconds {
    label: "Engaged seconds of tags"
    type: sum
    description: "Engaged seconds of a tag's posts, which count for each of their tags."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds ;;
  }

  measure: tag_engaged_seconds_share {
    label: "Engaged seconds shared by tags"
    type: sum
    description: "Engaged seconds of a tag's posts, divided equally among the tags of each post. Adds up to all."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds_share ;;
  }

  measure: tag_views {
    label: "Views of tags"
    type: sum
    description: "Pageviews of a tag's posts. A post counts for each of its tags; group by them."
    sql: ${TABLE}.views ;;
  }

  measure: tag_views_share {
    label: "Views shared by tags"
    type: sum
    description: "Pageviews of a tag's posts, divided equally among the tags of each post. Adds up to all."
    sql: ${TABLE}.views_share ;;
  }
}
