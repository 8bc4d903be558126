# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: conversion_touchpoints {
  label: "Conversion touchpoints"
  group_label: "readership"
  description: "One row per attributable conversion and distinct post or page that the visitor viewed in the attribution window (attribution_window_days before the conversion), with the credit under each attribution model. The page of the conversion is always included. Sum a credit column over any rows to get credited conversions. The credits of one conversion sum to 1 in each model, except that last_post_touched sums to 0 when none of the pages is a post."

  join: conversions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversion_touchpoints.conversion_key} = ${conversions.conversion_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversion_touchpoints.post_key} = ${posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversion_touchpoints.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversion_touchpoints.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${conversion_touchpoints.visitor_key} = ${visitors.visitor_key} ;;
  }
}
