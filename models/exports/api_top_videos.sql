with video_plays as (
    select * from {{ ref('fct_video_plays') }}
),

dim_periods as (
    select * from {{ windows() }}
),

in_periods as (
    select
        video_plays.*,
        dim_periods.period
    from video_plays
    inner join dim_periods
        on
            video_plays.site_id = dim_periods.site_id
            and video_plays.started_at > dim_periods.starts_after_at
            and video_plays.started_at <= dim_periods.ends_at
),

-- The newest play of the period describes the video.
newest_plays as (
    select
        *,
        row_number() over (
            partition by site_id, period, video_key
            order by started_at desc, play_key
        ) as newest_rank
    from in_periods
),

totals as (
    select
        site_id,
        period,
        video_key,
        cast(sum(plays) as bigint) as plays,
        count(distinct visitor_key) as viewers,
        {{ round_to_integer('sum(watch_seconds) / 60.0') }} as watch_minutes
    from in_periods
    group by site_id, period, video_key
),

ranked as (
    select
        totals.*,
        newest_plays.video_url,
        newest_plays.video_title,
        newest_plays.video_section,
        newest_plays.video_authors,
        row_number() over (
            partition by totals.site_id, totals.period
            order by totals.plays desc, totals.viewers desc, totals.video_key
        ) as position
    from totals
    inner join newest_plays
        on
            totals.site_id = newest_plays.site_id
            and totals.period = newest_plays.period
            and totals.video_key = newest_plays.video_key
            and newest_plays.newest_rank = 1
),

final as (
    select
        site_id,
        period,
        cast(position as integer) as position,
        video_key,
        video_url as url,
        video_title as title,
        video_authors as authors,
        video_section as section,
        plays,
        viewers,
        watch_minutes
    from ranked
    where position <= 10
)

select * from final
