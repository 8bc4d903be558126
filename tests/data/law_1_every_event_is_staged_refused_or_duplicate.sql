-- Law 1: for each load, raw events = staged + refused + duplicate events.
with loads as (
    select * from {{ ref('stg_loads') }}
),

raw_events as (
    select
        _dlt_load_id as load_id,
        count(*) as events
    from {{ events_source() }}
    group by _dlt_load_id
),

outcomes as (
    select load_id from {{ ref('stg_events') }}
    union all
    select load_id from {{ ref('stg_event_rejections') }}
    union all
    select load_id from {{ ref('stg_event_duplicates') }}
),

counted as (
    select
        load_id,
        count(*) as outcomes
    from outcomes
    group by load_id
)

select
    loads.load_id,
    raw_events.events,
    counted.outcomes
from loads
left join raw_events on loads.load_id = raw_events.load_id
left join counted on loads.load_id = counted.load_id
where
    coalesce(raw_events.events, {{ events_of_a_load_that_left('loads') }})
    <> coalesce(counted.outcomes, 0)
