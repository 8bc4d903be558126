{{ config(materialized='view') }}

select *
from {{ ref('all_events') }}
where
    action in ('pageview', 'heartbeat', 'videostart', 'vheartbeat', 'conversion')
    and ua_browser is distinct from 'Googlebot'
