{{ config(materialized='incremental', unique_key='event_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
)

select
    *,
    coalesce(extra_data ->> '_conversion_type', 'custom') as conversion_type,
    extra_data ->> '_conversion_label' as conversion_label
from events
where action = 'conversion'
