{{ config(materialized='incremental', unique_key='play_key') }}

select
    *,
    case when watch_seconds > 60 then 'deep watch' else 'watch' end as watch_category
from {{ ref('incoming_videos') }}
