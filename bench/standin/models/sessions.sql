{{ config(materialized='incremental', unique_key='session_key') }}

select
    *,
    extract(epoch from ended_at - started_at) as duration_seconds,
    pageviews = 1 as is_bounce,
    previous_session_at > started_at - interval '30 days' as is_returning
from {{ ref('incoming_sessions') }}
