{{ config(materialized='view') }}

-- Every column of the first event of each session, and the sums of its pageviews.
with events as (
    select * from {{ ref('base_events') }}
),

views as (
    select * from {{ ref('pageviews') }}
),

summed as (
    select
        session_key,
        count(*) as events,
        count(*) filter (where action = 'conversion') as conversions,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from events
    group by session_key
),

viewed as (
    select
        session_key,
        sum(views) as pageviews,
        sum(engaged_seconds) as session_engaged_seconds,
        sum(video_starts) as session_video_starts,
        count(distinct post_key) as posts
    from views
    group by session_key
),

exits as (
    select distinct on (session_key)
        session_key,
        page_url as exit_url,
        post_key as exit_post_key
    from views
    order by session_key, event_at desc
),

numbered as (
    select
        *,
        row_number() over (partition by session_key order by event_at) as event_number
    from events
)

select
    numbered.*,
    summed.events,
    summed.conversions,
    summed.started_at,
    summed.ended_at,
    viewed.pageviews,
    viewed.session_engaged_seconds,
    viewed.session_video_starts,
    viewed.posts,
    exits.exit_url,
    exits.exit_post_key
from numbered
left join summed on numbered.session_key = summed.session_key
left join viewed on numbered.session_key = viewed.session_key
left join exits on numbered.session_key = exits.session_key
where numbered.event_number = 1
