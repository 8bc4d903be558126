{{ config(materialized='incremental', unique_key='session_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
),

views as (
    select *
    from {{ ref('pageviews') }}
    {{ where_recent('received_at') }}
),

summed as (
    select
        session_key,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        max(received_at) as received_at,
        count(*) as events,
        count(*) filter (where action = 'pageview') as pageviews,
        count(distinct post_key) as posts,
        coalesce(sum(engaged_time_inc) filter (where action = 'heartbeat'), 0) as engaged_seconds,
        count(*) filter (where action = 'videostart') as video_starts,
        count(*) filter (where action = 'conversion') as conversions
    from events
    group by session_key
),

firsts as (
    select distinct on (session_key)
        session_key,
        visitor_key,
        site_id,
        session_id,
        url as entry_url,
        post_key as entry_post_key,
        session_referrer,
        session_class,
        surl_utm_campaign,
        surl_utm_medium,
        surl_utm_source,
        campaign_key,
        device_key,
        place_key,
        device_class,
        ua_browser,
        ua_os,
        ip_country,
        ip_city,
        previous_session_at
    from views
    order by session_key, event_at
),

lasts as (
    select distinct on (session_key)
        session_key,
        url as exit_url,
        post_key as exit_post_key
    from views
    order by session_key, event_at desc
)

select
    firsts.*,
    lasts.exit_url,
    lasts.exit_post_key,
    summed.started_at,
    summed.ended_at,
    summed.received_at,
    summed.events,
    summed.pageviews,
    summed.posts,
    summed.engaged_seconds,
    summed.video_starts,
    summed.conversions,
    extract(epoch from summed.ended_at - summed.started_at) as duration_seconds,
    summed.pageviews = 1 as is_bounce,
    firsts.previous_session_at > summed.started_at - interval '30 days' as is_returning
from summed
inner join firsts on summed.session_key = firsts.session_key
inner join lasts on summed.session_key = lasts.session_key
