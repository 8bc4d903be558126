-- Usual views of a site's posts in each of the hours up to as-of, identified by how many hours
-- before as-of they end: the mean of the same hour of the week in previous weeks. A site without a
-- previous week uses previous days, and one without a previous day all of its hours.
--
-- Hours end at as-of, so each spans two clock hours, in the same proportion as the clock hour of
-- as-of is split. Previous days and weeks are in the site's time zone.
{%- set compared_hours = var('trending_window_hours') + var('trending_baseline_hours') -%}
{%- set weeks = var('trending_history_weeks') %}

with windows as (
    select * from {{ ref('int_trending_windows') }}
),

fct_engaged_time as (
    select * from {{ ref('fct_engaged_time') }}
),

posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

hours_before as (
    {{ rows_of_numbers('hours_before', 0, compared_hours - 1) }}
),

days_before as (
    {{ rows_of_numbers('days_before', 1, 6) }}
),

weeks_before as (
    {{ rows_of_numbers('weeks_before', 1, weeks) }}
),

previous_days as (
    select
        days_before,
        false as is_week
    from days_before
    union all
    select
        7 * weeks_before as days_before,
        true as is_week
    from weeks_before
),

site_hours as (
    select
        windows.site_id,
        fct_engaged_time.hour_at,
        {{ at_time_zone('fct_engaged_time.hour_at', 'windows.time_zone') }} as local_hour_at,
        cast(sum(fct_engaged_time.views) as bigint) as views
    from windows
    inner join fct_engaged_time
        on
            windows.site_id = fct_engaged_time.site_id
            and windows.history_starts_at <= fct_engaged_time.hour_at
            and windows.as_of_at >= fct_engaged_time.hour_at
    inner join posts on fct_engaged_time.post_key = posts.post_key
    where fct_engaged_time.views > 0
    group by windows.site_id, windows.time_zone, fct_engaged_time.hour_at
),

-- Two rows for each hour, one for each clock hour it spans.
clock_hours as (
    select
        windows.*,
        hours_before.hours_before,
        {{ seconds_between('windows.as_of_hour_at', 'windows.as_of_at') }} as overlap_seconds,
        {{ plus_seconds('windows.as_of_hour_at', '-3600 * hours_before.hours_before') }} as hour_at
    from windows
    cross join hours_before
    union all
    select
        windows.*,
        hours_before.hours_before,
        3600 - {{ seconds_between('windows.as_of_hour_at', 'windows.as_of_at') }}
            as overlap_seconds,
        {{ plus_seconds('windows.as_of_hour_at', '-3600 * (hours_before.hours_before + 1)') }}
            as hour_at
    from windows
    cross join hours_before
),

-- A previous day or week is used only when recording had started before all of its hours.
repeated_hours as (
    select
        clock_hours.site_id,
        clock_hours.hours_before,
        clock_hours.overlap_seconds,
        previous_days.days_before,
        previous_days.is_week,
        {{ plus_seconds(
            at_time_zone('clock_hours.hour_at', 'clock_hours.time_zone'),
            '-86400 * previous_days.days_before'
        ) }} as local_hour_at
    from clock_hours
    inner join previous_days
        on
            clock_hours.first_event_at
            <= {{ plus_seconds(
                'clock_hours.baseline_starts_at', '-86400 * previous_days.days_before'
            ) }}
),

repeated_views as (
    select
        repeated_hours.site_id,
        repeated_hours.hours_before,
        repeated_hours.days_before,
        repeated_hours.is_week,
        cast(sum(repeated_hours.overlap_seconds * coalesce(site_hours.views, 0)) as bigint)
            as view_seconds
    from repeated_hours
    left join site_hours
        on
            repeated_hours.site_id = site_hours.site_id
            and repeated_hours.local_hour_at = site_hours.local_hour_at
    group by
        repeated_hours.site_id, repeated_hours.hours_before, repeated_hours.days_before,
        repeated_hours.is_week
),

-- One without any view is ignored too, for example when the previous event was years ago.
recorded_days as (
    select
        site_id,
        days_before,
        is_week
    from repeated_views
    group by site_id, days_before, is_week
    having sum(view_seconds) > 0
),

sites_with_weeks as (
    select distinct site_id from recorded_days where is_week
),

chosen_days as (
    select recorded_days.*
    from recorded_days
    left join sites_with_weeks on recorded_days.site_id = sites_with_weeks.site_id
    where recorded_days.is_week = (sites_with_weeks.site_id is not null)
),

-- One additional view, so that no hour is 0.
usual_means as (
    select
        repeated_views.site_id,
        repeated_views.hours_before,
        count(*) as repeats,
        {{ quotient('sum(repeated_views.view_seconds) + 3600', '3600 * count(*)') }} as usual_views
    from repeated_views
    inner join chosen_days
        on
            repeated_views.site_id = chosen_days.site_id
            and repeated_views.days_before = chosen_days.days_before
    group by repeated_views.site_id, repeated_views.hours_before
),

means as (
    select
        windows.site_id,
        {{ quotient(
            '3600 * sum(site_hours.views)',
            greatest_of([seconds_between('min(site_hours.hour_at)', 'windows.as_of_at'), 3600])
        ) }} as usual_views
    from windows
    inner join site_hours on windows.site_id = site_hours.site_id
    group by windows.site_id, windows.as_of_at
),

final as (
    select
        means.site_id,
        hours_before.hours_before,
        coalesce(usual_means.repeats, 0) as repeats,
        coalesce(usual_means.usual_views, means.usual_views) as usual_views
    from means
    cross join hours_before
    left join usual_means
        on
            means.site_id = usual_means.site_id
            and hours_before.hours_before = usual_means.hours_before
)

select * from final
