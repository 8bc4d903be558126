{{ config(group='marts') }}

-- Every counted second of a heartbeat is in every table with engaged time, once.
with counts as (
    select
        (
            select coalesce(sum(events.engaged_time_inc_seconds), 0)
            from {{ ref('stg_events') }} as events
            where events.action = 'heartbeat' and {{ is_counted() }}
        ) as staged,
        (
            select coalesce(sum(events.engaged_time_inc_seconds), 0)
            from {{ ref('int_event_attribution') }} as attribution
            inner join {{ ref('stg_events') }} as events
                on attribution.event_key = events.event_key
            where attribution.action = 'heartbeat' and attribution.pageview_key is not null
        ) as attributed,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('fct_pageviews') }})
            as in_pageviews,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('fct_sessions') }})
            as in_sessions,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('fct_engaged_time') }})
            as in_engaged_time,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('dim_visitors') }})
            as in_visitors
)

select *
from counts
where
    staged <> attributed
    or staged <> in_pageviews
    or staged <> in_sessions
    or staged <> in_engaged_time
    or staged <> in_visitors
