{{ config(materialized='incremental', unique_key='play_key') }}

with events as (
    select *
    from {{ ref('stg_video_events') }}
    {{ where_recent('received_at') }}
),

watched as (
    select
        play_key,
        sum(engaged_time_inc) filter (where action = 'vheartbeat') as watch_seconds,
        count(*) filter (where action = 'videostart') as starts,
        min(event_at) as started_at,
        max(received_at) as received_at
    from events
    group by play_key
),

described as (
    select distinct on (play_key)
        play_key,
        session_key,
        visitor_key,
        site_id,
        canonical_url as video_url,
        title,
        section,
        metadata_duration,
        url,
        device_class
    from events
    order by play_key, event_at
)

select
    described.*,
    watched.watch_seconds,
    watched.starts,
    watched.started_at,
    watched.received_at
from described
inner join watched on described.play_key = watched.play_key
