{{ config(materialized='incremental', unique_key='event_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
)

select
    *,
    {{ key(['session_key', 'coalesce(videostart_id, canonical_url, post_id)']) }} as play_key
from events
where action in ('videostart', 'vheartbeat')
