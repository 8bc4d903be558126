{{ config(
    materialized='incremental',
    unique_key='hour_at',
    meta={'affected_key': 'event_hour_at', 'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- Number of events per site and hour, so that finding the first and the newest event does not
-- require reading all events.
with stg_events as (
    select * from {{ ref('stg_events') }}
),

final as (
    select
        site_id,
        count(*) as events,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        event_hour_at as hour_at
    from stg_events
    where
        {{ is_affected('event_hour_at', reach='event') }}
        and {{ is_affected('event_date', reach='event') }}
    group by site_id, event_hour_at
)

select * from final
