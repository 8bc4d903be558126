# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: post_tags {
  label: "Post tags"
  sql_table_name: @{schema}.bridge_post_tags ;;

  dimension: post_tag_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from post and tag."
    sql: ${TABLE}.post_tag_key ;;
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
    description: "Tag, in the most common spelling among the site's tag lists. Machine tags are excluded."
    sql: ${TABLE}.tag ;;
  }

  dimension: position {
    type: number
    description: "Position of the tag in the list of tags, from 1."
    sql: ${TABLE}.position ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.post_tag_key ;;
  }
}
