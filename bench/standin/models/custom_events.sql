{{ config(materialized='incremental', unique_key='event_key') }}

select *
from {{ ref('all_events') }}
where action not in ('pageview', 'heartbeat', 'videostart', 'vheartbeat', 'conversion')
