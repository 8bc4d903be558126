{{ config(materialized='view') }}

-- The last seven days of each site by hour, and what is usual at those hours of the week. Hours end
-- with the newest event, so that all of them are whole, and are counted when they are read. Previous
-- weeks are by the clock of the site.
{%- set hours = 7 * 24 %}

with hourly_views as (
    select * from {{ ref('int_hourly_views') }}
),

posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

weeks_before as (
    {{ rows_of_numbers('weeks_before', 0, var('usual_weeks')) }}
),

hours_before as (
    {{ rows_of_numbers('hours_before', 0, hours - 1) }}
),

-- The end of each week. That of this week stays as it is: of an hour that the clocks repeat, the
-- time by the clock of the site does not tell which one it is.
weeks as (
    select
        dim_sites.site_id,
        dim_sites.first_event_at,
        weeks_before.weeks_before,
        case
            when weeks_before.weeks_before = 0 then dim_sites.as_of_at
            else {{ from_time_zone(
                '(' ~ plus_seconds(
                    '(' ~ at_time_zone('dim_sites.as_of_at', 'dim_sites.time_zone') ~ ')',
                    '-604800 * weeks_before.weeks_before'
                ) ~ ')',
                'dim_sites.time_zone'
            ) }}
        end as ends_at
    from dim_sites
    cross join weeks_before
),

views_of_weeks as (
    select
        weeks.site_id,
        weeks.weeks_before,
        hourly_views.visitor_key,
        hourly_views.views,
        cast(
            floor({{ seconds_between('hourly_views.viewed_at', 'weeks.ends_at') }} / 3600.0)
            as integer
        ) as hours_before
    from weeks
    inner join hourly_views
        on
            weeks.site_id = hourly_views.site_id
            and {{ plus_seconds('weeks.ends_at', -3600 * hours) }} < hourly_views.viewed_at
            and weeks.ends_at >= hourly_views.viewed_at
    inner join posts on hourly_views.post_key = posts.post_key
),

counted as (
    select
        site_id,
        weeks_before,
        hours_before,
        sum(views) as views,
        count(distinct visitor_key) as visitors
    from views_of_weeks
    group by site_id, weeks_before, hours_before
),

hours_of_weeks as (
    select
        weeks.site_id,
        weeks.weeks_before,
        hours_before.hours_before,
        weeks.first_event_at,
        {{ plus_seconds('weeks.ends_at', '-3600 * (hours_before.hours_before + 1)') }}
            as starts_after_at,
        {{ plus_seconds('weeks.ends_at', '-3600 * hours_before.hours_before') }} as ends_at
    from weeks
    cross join hours_before
),

measured as (
    select
        hours_of_weeks.*,
        coalesce(counted.views, 0) as views,
        coalesce(counted.visitors, 0) as visitors
    from hours_of_weeks
    left join counted
        on
            hours_of_weeks.site_id = counted.site_id
            and hours_of_weeks.weeks_before = counted.weeks_before
            and hours_of_weeks.hours_before = counted.hours_before
),

-- An hour before the first event of the site tells nothing of what is usual.
usual as (
    select
        site_id,
        hours_before,
        count(*) as weeks,
        {{ median_of('views') }} as usual_views,
        {{ median_of('visitors') }} as usual_visitors
    from measured
    where weeks_before > 0 and first_event_at <= starts_after_at
    group by site_id, hours_before
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['measured.site_id', 'measured.hours_before']) }} as site_hour_key,
        measured.site_id,

        ---------- numbers
        cast(measured.hours_before as integer) as hours_before,
        cast(measured.views as bigint) as views,
        cast(measured.visitors as bigint) as visitors,
        cast(coalesce(usual.weeks, 0) as integer) as weeks,
        cast(usual.usual_views as {{ type_double() }}) as usual_views,
        cast(usual.usual_visitors as {{ type_double() }}) as usual_visitors,

        ---------- times
        measured.starts_after_at,
        measured.ends_at
    from measured
    left join usual
        on measured.site_id = usual.site_id and measured.hours_before = usual.hours_before
    where measured.weeks_before = 0
)

select * from final
