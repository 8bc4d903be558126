# Written by `make lookml` from dbt's manifest; refine it, or change models.

explore: pageviews {
  label: "Pageviews"
  group_label: "readership"
  description: "One row per pageview with its engaged seconds, plus one flagged row that counts 0 views for engagement whose pageview never arrived. Use this grain to analyze reading behavior. A view that adds visitor attributes at that time to the stored pageviews."

  join: campaigns {
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.campaign_key} = ${campaigns.campaign_key} ;;
  }

  join: next_posts {
    from: posts
    view_label: "Next posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.next_post_key} = ${next_posts.post_key} ;;
  }

  join: posts {
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.post_key} = ${posts.post_key} ;;
  }

  join: referrer_posts {
    from: posts
    view_label: "Referrer posts"
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.referrer_post_key} = ${referrer_posts.post_key} ;;
  }

  join: sessions {
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.session_key} = ${sessions.session_key} ;;
  }

  join: sites {
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.site_id} = ${sites.site_id} ;;
  }

  join: visitors {
    type: left_outer
    relationship: many_to_one
    sql_on: ${pageviews.visitor_key} = ${visitors.visitor_key} ;;
  }
}
