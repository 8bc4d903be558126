{{ config(materialized='view') }}

-- Periods move with the newest event, so they are counted when they are read.
with hourly_views as (
    select * from {{ ref('int_hourly_views') }}
),

posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

compared_periods as (
    select * from {{ ref('int_compared_periods') }}
),

windows as (
    select
        site_id,
        period,
        false as is_previous,
        starts_after_at,
        ends_at
    from compared_periods
    union all
    select
        site_id,
        period,
        true as is_previous,
        previous_starts_after_at as starts_after_at,
        previous_ends_at as ends_at
    from compared_periods
),

counted as (
    select
        windows.site_id,
        windows.period,
        windows.is_previous,
        sum(hourly_views.views) as views,
        count(distinct hourly_views.visitor_key) as visitors,
        sum(hourly_views.engaged_seconds) as engaged_seconds
    from windows
    inner join hourly_views
        on
            windows.site_id = hourly_views.site_id
            and windows.starts_after_at < hourly_views.viewed_at
            and windows.ends_at >= hourly_views.viewed_at
    inner join posts on hourly_views.post_key = posts.post_key
    group by windows.site_id, windows.period, windows.is_previous
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['compared_periods.site_id', 'compared_periods.period']) }}
            as site_period_key,
        compared_periods.site_id,

        ---------- text
        compared_periods.period,

        ---------- numbers
        cast(coalesce(present.views, 0) as bigint) as views,
        cast(coalesce(present.visitors, 0) as bigint) as visitors,
        cast(coalesce(present.engaged_seconds, 0) as bigint) as engaged_seconds,
        cast(coalesce(earlier.views, 0) as bigint) as previous_views,
        cast(coalesce(earlier.visitors, 0) as bigint) as previous_visitors,
        cast(coalesce(earlier.engaged_seconds, 0) as bigint) as previous_engaged_seconds,

        ---------- booleans
        compared_periods.is_comparable,

        ---------- times
        compared_periods.starts_after_at,
        compared_periods.ends_at,
        compared_periods.previous_starts_after_at,
        compared_periods.previous_ends_at
    from compared_periods
    left join counted as present
        on
            compared_periods.site_id = present.site_id
            and compared_periods.period = present.period
            and not present.is_previous
    left join counted as earlier
        on
            compared_periods.site_id = earlier.site_id
            and compared_periods.period = earlier.period
            and earlier.is_previous
)

select * from final
