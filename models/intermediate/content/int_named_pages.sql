{{ config(
    materialized='incremental',
    unique_key='event_date',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- Pages that facts lead to without events of their own on that UTC day: the referrer of a view, or
-- the page on which only a video played. Few, because other pages are in int_page_days.
with stg_events as (
    select
        page_key,
        referrer_page_key,
        site_id,
        action,
        page_clean_url,
        referrer_url,
        event_date
    from {{ ref('stg_events') }}
    where {{ is_affected('event_date', reach='event') }} and {{ is_counted() }}
),

page_days as (
    select *
    from {{ ref('int_page_days') }}
    where {{ is_affected('event_date', reach='event') }}
),

named as (
    select
        site_id,
        referrer_page_key as page_key,
        event_date,
        min(referrer_url) as page_url
    from stg_events
    where referrer_page_key is not null
    group by site_id, referrer_page_key, event_date
    union all
    select
        site_id,
        page_key,
        event_date,
        min(page_clean_url) as page_url
    from stg_events
    where action in ('videostart', 'vheartbeat')
    group by site_id, page_key, event_date
),

seen as (
    select distinct
        page_key,
        event_date
    from page_days
),

final as (
    select
        ---------- ids
        named.page_key,
        named.site_id,

        ---------- text
        min({{ url_part('named.page_url', 'clean') }}) as page_url,

        ---------- times
        named.event_date
    from named
    left join seen
        on named.page_key = seen.page_key and named.event_date = seen.event_date
    where seen.page_key is null
    group by named.page_key, named.site_id, named.event_date
)

select * from final
