{{ config(materialized='view') }}

-- Every column of the first event of each pageview, and the sums of all of them.
with events as (
    select *
    from {{ ref('base_events') }}
    where action in ('pageview', 'heartbeat')
),

summed as (
    select
        pageview_key,
        count(*) filter (where action = 'pageview') as views,
        coalesce(sum(engaged_time_inc), 0) as engaged_seconds,
        max(event_at) as last_event_at
    from events
    group by pageview_key
),

plays as (
    select
        pageview_key,
        sum(starts) as video_starts,
        sum(watch_seconds) as watch_seconds
    from {{ ref('video_plays') }}
    group by pageview_key
),

numbered as (
    select
        *,
        row_number() over (
            partition by pageview_key
            order by case when action = 'pageview' then 0 else 1 end, event_at
        ) as event_number
    from events
)

select
    numbered.*,
    summed.views,
    summed.engaged_seconds,
    summed.last_event_at,
    plays.video_starts,
    plays.watch_seconds
from numbered
left join summed on numbered.pageview_key = summed.pageview_key
left join plays on numbered.pageview_key = plays.pageview_key
where numbered.event_number = 1
