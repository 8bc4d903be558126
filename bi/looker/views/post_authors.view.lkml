# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: post_authors {
  label: "Post authors"
  sql_table_name: @{schema}.bridge_post_authors ;;

  dimension: post_author_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row, from post and author."
    sql: ${TABLE}.post_author_key ;;
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
    description: "Author's name."
    sql: ${TABLE}.author ;;
  }

  dimension: position {
    type: number
    description: "Position of the author in the byline, from 1."
    sql: ${TABLE}.position ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.post_author_key ;;
  }
}
