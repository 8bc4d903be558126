{{ config(materialized='incremental', unique_key='pageview_key') }}

with views as (
    select *
    from {{ ref('stg_pageviews') }}
    {{ where_recent('received_at') }}
),

heartbeats as (
    select *
    from {{ ref('stg_heartbeats') }}
    {{ where_recent('received_at') }}
),

engaged as (
    select
        pageview_key,
        sum(engaged_time_inc) as engaged_seconds,
        count(*) as heartbeats,
        max(event_at) as last_heartbeat_at
    from heartbeats
    group by pageview_key
),

numbered as (
    select
        *,
        row_number() over (partition by pageview_key order by event_at) as view_number
    from views
),

placed as (
    select
        *,
        row_number() over (partition by session_key order by event_at) as pageview_in_session,
        count(*) over (partition by session_key) as pageviews_in_session,
        lead(url) over (partition by session_key order by event_at) as next_url,
        lead(post_key) over (partition by session_key order by event_at) as next_post_key,
        lag(post_key) over (partition by session_key order by event_at) as previous_post_key
    from numbered
    where view_number = 1
)

select
    placed.*,
    coalesce(engaged.engaged_seconds, 0) as engaged_seconds,
    coalesce(engaged.heartbeats, 0) as heartbeats,
    engaged.last_heartbeat_at,
    placed.pageview_in_session = 1 as is_entry,
    placed.pageview_in_session = placed.pageviews_in_session as is_exit,
    date_trunc('hour', placed.event_at) as hour_at,
    cast(placed.event_at as date) as event_date
from placed
left join engaged on placed.pageview_key = engaged.pageview_key
