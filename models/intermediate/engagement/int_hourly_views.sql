{{ config(
    materialized='incremental',
    unique_key='hour_at',
    meta={'affected_key': 'event_hour_at'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- Pageviews again, narrow and in the order of their hours, so that a period of a site is read from
-- few places however long the history is. Whether a session is a return is not included, because it
-- may change with any earlier visit that arrives late.
with pageviews as (
    select
        *,
        viewed_hour_at as hour_at
    from {{ ref('int_pageviews') }}
),

final as (
    select
        ---------- ids
        session_key,
        visitor_key,
        site_id,
        post_key,
        referrer_post_key,

        ---------- text
        referrer_class,
        referrer_name,
        channel,
        campaign_id,
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        device_class,
        segment,

        ---------- numbers
        views,
        engaged_seconds,

        ---------- booleans
        is_recirculated,

        ---------- times
        viewed_at,
        hour_at
    from pageviews
    where {{ is_affected('hour_at', key='event_hour_at') }}
)

select * from final
order by hour_at, site_id, visitor_key
