{{ config(materialized='incremental', unique_key='event_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
)

select
    event_key,
    pageview_key,
    session_key,
    visitor_key,
    post_key,
    site_id,
    engaged_time_inc,
    event_at,
    received_at
from events
where action = 'heartbeat'
