{{ config(materialized='view') }}

-- Whether a site's day is complete, compared with the same weekday in previous weeks.
with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

row_counts as (
    select
        *,
        cast(local_hour_at as date) as event_date,
        extract(hour from local_hour_at) as hour_of_day
    from {{ ref('int_event_row_counts') }}
    where copy_kind = 'counts'
),

numbers as (
    {{ dbt.generate_series(36525) }}
),

-- Counted from 1.
weeks as (
    select cast(generated_number as integer) as week_number
    from numbers
    where generated_number <= {{ var('completeness_weeks') }}
),

newest_event as (
    select max(as_of_at) as newest_at from dim_sites
),

-- Each as-of time in the site's own time zone.
site_clocks as (
    select
        dim_sites.site_id,
        cast({{ at_time_zone('dim_sites.first_event_at', 'dim_sites.time_zone') }} as date)
            as first_date,
        {{ at_time_zone('dim_sites.as_of_at', 'dim_sites.time_zone') }} as own_newest_at,
        {{ at_time_zone('newest_event.newest_at', 'dim_sites.time_zone') }} as any_newest_at
    from dim_sites
    cross join newest_event
),

dates as (
    select
        site_clocks.site_id,
        site_clocks.own_newest_at,
        site_clocks.any_newest_at,
        cast(
            {{ dbt.dateadd(
                'day', 'cast(numbers.generated_number as integer) - 1', 'site_clocks.first_date'
            ) }} as date
        ) as event_date,
        {{ as_timestamp(dbt.dateadd(
            'day', 'cast(numbers.generated_number as integer)', 'site_clocks.first_date'
        )) }} as ends_at
    from site_clocks
    cross join numbers
),

-- A site whose events have stopped is silent once other sites are that much further.
due_dates as (
    select
        site_id,
        event_date,
        ends_at <= own_newest_at as is_over,
        {{ plus_seconds('ends_at', var('completeness_grace_hours') ~ ' * 3600') }} <= own_newest_at
        or {{ plus_seconds('ends_at', var('completeness_silence_hours') ~ ' * 3600') }}
        <= any_newest_at as is_closed
    from dates
    where
        event_date <= cast(own_newest_at as date)
        or {{ plus_seconds('ends_at', var('completeness_silence_hours') ~ ' * 3600') }}
        <= any_newest_at
),

hours as (
    select
        site_id,
        event_date,
        hour_of_day,
        sum(event_rows) as events
    from row_counts
    group by site_id, event_date, hour_of_day
),

day_totals as (
    select
        site_id,
        event_date,
        sum(events) as events,
        count(*) as hours_with_events
    from hours
    group by site_id, event_date
),

days as (
    select
        due_dates.*,
        cast(coalesce(day_totals.events, 0) as bigint) as events,
        coalesce(day_totals.hours_with_events, 0) as hours_with_events
    from due_dates
    left join day_totals
        on
            due_dates.site_id = day_totals.site_id
            and due_dates.event_date = day_totals.event_date
),

---------- comparison with the same weekday before

week_pairs as (
    select
        due_dates.site_id,
        due_dates.event_date,
        cast({{ dbt.dateadd('day', '-7 * weeks.week_number', 'due_dates.event_date') }} as date)
            as comparison_date
    from due_dates
    cross join weeks
),

expected as (
    select
        week_pairs.site_id,
        week_pairs.event_date,
        count(*) as like_days,
        {{ median_of('days.events') }} as expected_events
    from week_pairs
    inner join days
        on week_pairs.site_id = days.site_id and week_pairs.comparison_date = days.event_date
    group by week_pairs.site_id, week_pairs.event_date
),

busy_hours as (
    select
        week_pairs.site_id,
        week_pairs.event_date,
        hours.hour_of_day,
        count(*) as busy_days
    from week_pairs
    inner join hours
        on week_pairs.site_id = hours.site_id and week_pairs.comparison_date = hours.event_date
    where hours.events >= {{ var('completeness_hour_events') }}
    group by week_pairs.site_id, week_pairs.event_date, hours.hour_of_day
),

usual_hours as (
    select
        busy_hours.site_id,
        busy_hours.event_date,
        count(*) as usual_hours,
        count(case when hours.hour_of_day is null then 1 end) as missing_hours
    from busy_hours
    inner join expected
        on
            busy_hours.site_id = expected.site_id
            and busy_hours.event_date = expected.event_date
    left join hours
        on
            busy_hours.site_id = hours.site_id
            and busy_hours.event_date = hours.event_date
            and busy_hours.hour_of_day = hours.hour_of_day
    where busy_hours.busy_days * 2 > expected.like_days
    group by busy_hours.site_id, busy_hours.event_date
),

compared as (
    select
        days.*,
        cast(expected.expected_events as {{ type_double() }}) as expected_events,
        coalesce(expected.like_days, 0) as like_days,
        coalesce(usual_hours.usual_hours, 0) as usual_hours,
        coalesce(usual_hours.missing_hours, 0) as missing_hours
    from days
    left join expected
        on days.site_id = expected.site_id and days.event_date = expected.event_date
    left join usual_hours
        on days.site_id = usual_hours.site_id and days.event_date = usual_hours.event_date
),

reasoned as (
    select
        *,
        case
            when not is_closed and not is_over then 'not_over'
            when not is_closed then 'within_grace'
            when events = 0 and expected_events = 0 then 'none_expected'
            when events = 0 then 'no_events'
            when missing_hours >= {{ var('completeness_missing_hours') }} then 'missing_hours'
            when events < {{ var('completeness_minimum_share') }} * expected_events
                then 'few_events'
            when like_days = 0 then 'nothing_to_compare'
            else 'as_usual'
        end as reason
    from compared
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['site_id', 'event_date']) }} as completeness_key,
        site_id,

        ---------- text
        case
            when reason in ('not_over', 'within_grace') then 'open'
            when reason = 'no_events' then 'silent'
            when reason in ('missing_hours', 'few_events') then 'partial'
            else 'complete'
        end as status,
        reason,

        ---------- numbers
        events,
        expected_events,
        cast(hours_with_events as integer) as hours_with_events,
        cast(usual_hours as integer) as usual_hours,
        cast(missing_hours as integer) as missing_hours,
        cast(like_days as integer) as like_days,

        ---------- times
        event_date
    from reasoned
)

select * from final
