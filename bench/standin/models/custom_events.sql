{{ config(materialized='incremental', unique_key='event_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
)

select
    event_key,
    session_key,
    visitor_key,
    post_key,
    site_id,
    action,
    url,
    extra_data,
    event_at,
    received_at
from events
where action not in ('pageview', 'heartbeat', 'videostart', 'vheartbeat', 'conversion')
