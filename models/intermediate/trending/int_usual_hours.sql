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

repeats as (
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
        {{ seconds_between('windows.as_of_hour_at', 'windows.as_of_at') }} as seconds_in_it,
        {{ plus_seconds('windows.as_of_hour_at', '-3600 * hours_before.hours_before') }} as hour_at
    from windows
    cross join hours_before
    union all
    select
        windows.*,
        hours_before.hours_before,
        3600 - {{ seconds_between('windows.as_of_hour_at', 'windows.as_of_at') }} as seconds_in_it,
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
        clock_hours.seconds_in_it,
        repeats.days_before,
        repeats.is_week,
        {{ plus_seconds(
            at_time_zone('clock_hours.hour_at', 'clock_hours.time_zone'),
            '-86400 * repeats.days_before'
        ) }} as local_hour_at
    from clock_hours
    inner join repeats
        on
            clock_hours.first_event_at
            <= {{ plus_seconds('clock_hours.baseline_starts_at', '-86400 * repeats.days_before') }}
),

measured as (
    select
        repeated_hours.site_id,
        repeated_hours.hours_before,
        repeated_hours.days_before,
        repeated_hours.is_week,
        cast(sum(repeated_hours.seconds_in_it * coalesce(site_hours.views, 0)) as bigint)
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
recorded as (
    select
        site_id,
        days_before,
        is_week
    from measured
    group by site_id, days_before, is_week
    having sum(view_seconds) > 0
),

sites_with_weeks as (
    select distinct site_id from recorded where is_week
),

chosen as (
    select recorded.*
    from recorded
    left join sites_with_weeks on recorded.site_id = sites_with_weeks.site_id
    where recorded.is_week = (sites_with_weeks.site_id is not null)
),

-- One additional view, so that no hour is 0.
from_repeats as (
    select
        measured.site_id,
        measured.hours_before,
        count(*) as repeats,
        {{ quotient('sum(measured.view_seconds) + 3600', '3600 * count(*)') }} as usual_views
    from measured
    inner join chosen
        on
            measured.site_id = chosen.site_id
            and measured.days_before = chosen.days_before
    group by measured.site_id, measured.hours_before
),

means as (
    select
        windows.site_id,
        {{ quotient(
            '3600 * sum(site_hours.views)',
            'greatest(' ~ seconds_between('min(site_hours.hour_at)', 'windows.as_of_at') ~ ', 3600)'
        ) }} as usual_views
    from windows
    inner join site_hours on windows.site_id = site_hours.site_id
    group by windows.site_id, windows.as_of_at
),

final as (
    select
        means.site_id,
        hours_before.hours_before,
        coalesce(from_repeats.repeats, 0) as repeats,
        coalesce(from_repeats.usual_views, means.usual_views) as usual_views
    from means
    cross join hours_before
    left join from_repeats
        on
            means.site_id = from_repeats.site_id
            and hours_before.hours_before = from_repeats.hours_before
)

select * from final
