{{ config(materialized='view') }}

with visitor_campaigns as (
    select * from {{ ref('int_visitor_campaigns') }}
),

final as (
    select
        ---------- ids
        campaign_key,
        site_id,

        ---------- text
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        max(campaign_channel) as campaign_channel,

        ---------- numbers
        count(*) as visitors,
        cast(sum(views) as bigint) as views,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(session_pageviews) as bigint) as session_pageviews,
        cast(sum(session_engaged_seconds) as bigint) as session_engaged_seconds,
        cast(sum(conversions) as bigint) as conversions,

        ---------- times
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from visitor_campaigns
    group by
        campaign_key, site_id, campaign, campaign_medium, campaign_source, campaign_content,
        campaign_term
)

select * from final
