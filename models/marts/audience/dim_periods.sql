-- Reporting periods per site; none ends after its newest event.
with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

period_lengths as (
    {%- for period, seconds in periods_back() %}
    select
        '{{ period }}' as period,
        {{ loop.index }} as period_order,
        {{ seconds }} as period_seconds
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

rolling_periods as (
    select
        dim_sites.site_id,
        period_lengths.period,
        period_lengths.period_order,
        {{ plus_seconds('dim_sites.as_of_at', '-period_lengths.period_seconds') }}
            as starts_after_at,
        dim_sites.as_of_at as ends_at
    from dim_sites
    cross join period_lengths
),

-- A day includes its first instant, but a period excludes its start.
calendar_days as (
    select
        site_id,
        time_zone,
        'today' as period,
        50 as period_order,
        as_of_date as day,
        as_of_at
    from dim_sites
    union all
    select
        site_id,
        time_zone,
        'yesterday' as period,
        51 as period_order,
        {{ plus_days('as_of_date', -1) }} as day,
        as_of_at
    from dim_sites
),

days as (
    select
        site_id,
        period,
        period_order,
        {{ plus_microseconds(start_of_day('day', 'time_zone'), '-1') }} as starts_after_at,
        {{ least_of([
            'as_of_at',
            plus_microseconds(start_of_day(plus_days('day', 1), 'time_zone'), '-1'),
        ]) }} as ends_at
    from calendar_days
),

history as (
    select
        site_id,
        'all' as period,
        90 as period_order,
        {{ plus_seconds(least_of(['first_event_at', 'as_of_at']), '-1') }} as starts_after_at,
        as_of_at as ends_at
    from dim_sites
),

all_periods as (
    select * from rolling_periods
    union all
    select * from days
    union all
    select * from history
),

final as (
    select
        {{ surrogate_key(['site_id', 'period']) }} as period_key,
        site_id,
        period,
        period_order,
        starts_after_at,
        ends_at
    from all_periods
)

select * from final
