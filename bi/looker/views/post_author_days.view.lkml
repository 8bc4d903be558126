# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: post_author_days {
  label: "Post author days"
  sql_table_name: @{schema}.fct_post_author_days ;;

  dimension: post_author_day_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from post, author and date."
    sql: ${TABLE}.post_author_day_key ;;
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

  dimension: author {
    type: string
    description: "Author's name. Null when the post has no authors."
    sql: ${TABLE}.author ;;
  }

  dimension: authors {
    type: number
    description: "Number of authors of the post."
    sql: ${TABLE}.authors ;;
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
    description: "Pageviews divided by the number of authors; all of them when there is none."
    sql: ${TABLE}.views_share ;;
  }

  dimension: engaged_seconds_share {
    hidden: yes
    type: number
    description: "Engaged seconds divided by the number of authors; all of them when there is none."
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

  measure: author_engaged_seconds {
    label: "Engaged seconds of authors"
    type: sum
    description: "Engaged seconds of an author's posts, which count for each of their authors."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds ;;
  }

  measure: author_engaged_seconds_share {
    label: "Engaged seconds shared by authors"
    type: sum
    description: "Engaged seconds of an author's posts, divided equally among the authors of each post. Adds up to all."
    value_format_name: decimal_0
    sql: ${TABLE}.engaged_seconds_share ;;
  }

  measure: author_views {
    label: "Views of authors"
    type: sum
    description: "Pageviews of an author's posts. A post counts for each of its authors; group by them."
    sql: ${TABLE}.views ;;
  }

  measure: author_views_share {
    label: "Views shared by authors"
    type: sum
    description: "Pageviews of an author's posts, divided equally among the authors of each post. Adds up to all."
    sql: ${TABLE}.views_share ;;
  }
}
