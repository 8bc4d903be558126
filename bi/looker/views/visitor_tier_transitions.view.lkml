# Written by `make lookml` from dbt's manifest; refine it, or change models.

view: visitor_tier_transitions {
  label: "Visitor tier transitions"
  sql_table_name: @{schema}.fct_visitor_tier_transitions ;;

  dimension: tier_transition_key {
    primary_key: yes
    hidden: yes
    type: string
    description: "Surrogate key of the row."
    sql: ${TABLE}.tier_transition_key ;;
  }

  dimension: site_id {
    type: string
    description: "Site that the row belongs to. Raw data calls it apikey."
    sql: ${TABLE}.site_id ;;
  }

  dimension: dimension {
    type: string
    description: "Dimension by which visitors are grouped: all, channel, section or author, taken from the first session of the window. For silent visitors, from the previous window."
    sql: ${TABLE}.dimension ;;
  }

  dimension: dimension_value {
    type: string
    description: "Channel, section or author. Null for dimension all, and when there is none."
    sql: ${TABLE}.dimension_value ;;
  }

  dimension: tier {
    type: string
    description: "Tier by the sessions in the window: silent (none), 1, 2-4 or 5+."
    sql: ${TABLE}.tier ;;
  }

  dimension: previous_tier {
    type: string
    description: "Tier in the previous window; silent for visitors not seen in it, including new visitors."
    sql: ${TABLE}.previous_tier ;;
  }

  dimension: transition {
    type: string
    description: "new (no earlier session is known), returned (after at least one silent window), climbed, kept, fell, or silent (seen in the previous window, not in this one). Provisional until the window is over."
    sql: ${TABLE}.transition ;;
  }

  dimension: visitors {
    type: number
    description: "Distinct visitors, exact."
    sql: ${TABLE}.visitors ;;
  }

  dimension: sessions {
    type: number
    description: "Sessions that these visitors started in the window."
    sql: ${TABLE}.sessions ;;
  }

  dimension: is_complete {
    type: yesno
    group_label: "Flags"
    description: "Whether the window is over, as of the site's as-of time."
    sql: ${TABLE}.is_complete ;;
  }

  dimension: is_comparable {
    type: yesno
    group_label: "Flags"
    description: "Whether the site's events reach back to the first day of the previous window. If not, a new visitor may have had earlier sessions that were not recorded."
    sql: ${TABLE}.is_comparable ;;
  }

  dimension_group: window_start {
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
    description: "First day of the window, in the site's time zone."
    sql: ${TABLE}.window_start_date ;;
  }

  dimension_group: window_end {
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
    description: "Last day of the window, in the site's time zone."
    sql: ${TABLE}.window_end_date ;;
  }

  measure: rows {
    label: "Rows"
    type: count_distinct
    description: "Rows of the table."
    sql: ${TABLE}.tier_transition_key ;;
  }
}
