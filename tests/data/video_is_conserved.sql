-- Every counted videostart is one play, and every counted second of a vheartbeat is in one play.
with counts as (
    select
        (
            select count(*) from {{ ref('stg_events') }} as events
            where events.action = 'videostart' and {{ is_counted() }}
        ) as staged_starts,
        (select coalesce(sum(plays), 0) from {{ ref('fct_video_plays') }}) as plays,
        (select coalesce(sum(video_starts), 0) from {{ ref('fct_sessions') }}) as session_starts,
        (
            select coalesce(sum(events.engaged_time_inc_seconds), 0)
            from {{ ref('stg_events') }} as events
            where events.action = 'vheartbeat' and {{ is_counted() }}
        ) as staged_seconds,
        (select coalesce(sum(watch_seconds), 0) from {{ ref('fct_video_plays') }})
            as play_seconds,
        (select coalesce(sum(video_watch_seconds), 0) from {{ ref('fct_sessions') }})
            as session_seconds
)

select *
from counts
where
    staged_starts <> plays
    or staged_starts <> session_starts
    or staged_seconds <> play_seconds
    or staged_seconds <> session_seconds
