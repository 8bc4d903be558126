{{ config(materialized='view') }}

-- Every column of the first event of each play, and the sums of all of them.
with events as (
    select *
    from {{ ref('base_events') }}
    where action in ('videostart', 'vheartbeat')
),

summed as (
    select
        play_key,
        count(*) filter (where action = 'videostart') as starts,
        coalesce(sum(engaged_time_inc), 0) as watch_seconds
    from events
    group by play_key
),

numbered as (
    select
        *,
        row_number() over (partition by play_key order by event_at) as event_number
    from events
)

select
    numbered.*,
    summed.starts,
    summed.watch_seconds
from numbered
left join summed on numbered.play_key = summed.play_key
where numbered.event_number = 1
