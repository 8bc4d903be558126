{{ config(
    materialized='incremental',
    unique_key='hour_at',
    meta={'affected_key': 'event_hour_at'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

with pageviews as (
    select
        *,
        viewed_hour_at as hour_at
    from {{ ref('int_pageviews') }}
),

affected_pageviews as (
    select *
    from pageviews
    where
        {{ is_affected('hour_at', key='event_hour_at') }}
        and {{ is_affected('viewed_utc_date', key='event_date') }}
),

sites as (
    select * from {{ ref('sites') }}
),

-- In time zones that are off by half an hour, an hour of UTC lies in two hours of the site's clock.
local_pageviews as (
    select
        affected_pageviews.*,
        {{ local_hour('affected_pageviews.viewed_at', site_time_zone('sites')) }} as local_hour
    from affected_pageviews
    left join sites on affected_pageviews.site_id = sites.site_id
),

own_activity as (
    select
        site_id,
        post_key,
        hour_at,
        local_hour,
        referrer_class,
        device_class,
        visitor_key,
        views,
        engaged_seconds,
        0 as recirculated_views
    from local_pageviews
),

-- A view referred from another post is recirculation of that post.
recirculation as (
    select
        site_id,
        referrer_post_key as post_key,
        hour_at,
        local_hour,
        referrer_class,
        device_class,
        cast(null as {{ type_key() }}) as visitor_key,
        0 as views,
        0 as engaged_seconds,
        1 as recirculated_views
    from local_pageviews
    where referrer_post_key is not null and not is_orphan
),

activity as (
    select * from own_activity
    union all
    select * from recirculation
),

final as (
    select
        ---------- ids
        {{ surrogate_key([
            'site_id', 'post_key', 'hour_at', 'local_hour', 'referrer_class', 'device_class',
        ]) }} as engaged_time_key,
        site_id,
        post_key,

        ---------- text
        referrer_class,
        device_class,

        ---------- numbers
        cast(sum(views) as bigint) as views,
        count(distinct visitor_key) as visitors,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        cast(sum(recirculated_views) as bigint) as recirculated_views,

        ---------- times
        hour_at,
        local_hour,
        cast(local_hour as date) as local_date
    from activity
    group by site_id, post_key, hour_at, local_hour, referrer_class, device_class
)

-- Stored by hour, so that queries for a few hours read little else.
select * from final
order by hour_at, site_id, post_key
