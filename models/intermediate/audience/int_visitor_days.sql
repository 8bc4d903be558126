{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per visitor and local day with any activity. Rolling windows are summed from it.
with fct_sessions as (
    select
        visitor_key,
        site_id,
        started_date
    from {{ ref('fct_sessions') }}
    where {{ is_affected('visitor_key') }}
),

pageviews as (
    select
        visitor_key,
        site_id,
        views,
        engaged_seconds,
        viewed_date
    from {{ ref('int_pageviews') }}
    where {{ is_affected('visitor_key') }}
),

activity as (
    select
        visitor_key,
        site_id,
        1 as sessions,
        0 as pageviews,
        0 as engaged_seconds,
        started_date as active_date
    from fct_sessions
    union all
    select
        visitor_key,
        site_id,
        0 as sessions,
        views as pageviews,
        engaged_seconds,
        viewed_date as active_date
    from pageviews
),

final as (
    select
        ---------- ids
        visitor_key,
        site_id,

        ---------- numbers
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(pageviews) as bigint) as pageviews,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,

        ---------- times
        active_date
    from activity
    group by visitor_key, site_id, active_date
)

select * from final
