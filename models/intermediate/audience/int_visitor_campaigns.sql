{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per campaign and visitor reached. Summed over visitors, this gives exact totals and exact
-- visitor counts without reading the pageviews of visitors who were not seen again.
with pageviews as (
    select *
    from {{ ref('int_pageviews') }}
    where {{ is_affected('visitor_key') }}
),

int_sessions as (
    select *
    from {{ ref('int_sessions') }}
    where {{ is_affected('visitor_key') }}
),

-- Campaign parameters of the page and of the session entry are counted separately. One view may
-- carry both, and a URL with parameters may be shared into a session from another source.
activity as (
    select
        {{ campaign_key('pageviews') }} as campaign_key,
        visitor_key,
        site_id,
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        campaign_channel,
        views,
        engaged_seconds,
        0 as sessions,
        0 as session_pageviews,
        0 as session_engaged_seconds,
        0 as conversions,
        viewed_at as seen_at
    from pageviews
    union all
    select
        {{ campaign_key('int_sessions') }} as campaign_key,
        visitor_key,
        site_id,
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        campaign_channel,
        0 as views,
        0 as engaged_seconds,
        1 as sessions,
        pageviews as session_pageviews,
        engaged_seconds as session_engaged_seconds,
        conversions,
        started_at as seen_at
    from int_sessions
),

final as (
    select
        ---------- ids
        campaign_key,
        visitor_key,
        site_id,

        ---------- text
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        max(campaign_channel) as campaign_channel,

        ---------- numbers
        cast(sum(views) as bigint) as views,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(session_pageviews) as bigint) as session_pageviews,
        cast(sum(session_engaged_seconds) as bigint) as session_engaged_seconds,
        cast(sum(conversions) as bigint) as conversions,

        ---------- times
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at
    from activity
    where campaign_key is not null
    group by
        campaign_key, visitor_key, site_id, campaign, campaign_medium, campaign_source,
        campaign_content, campaign_term
)

select * from final
