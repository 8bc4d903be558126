{{ config(access='protected') }}

-- The periods that are compared with the one before: the last hour, the day so far, and the last 7
-- and 30 days. The day so far is compared with the day before up to the same time by the clock of
-- the site.
with dim_periods as (
    select * from {{ ref('dim_periods') }}
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

lengths as (
    {%- for period, seconds in periods_back() if period in ('1h', '7d', '30d') %}
    select
        '{{ period }}' as period,
        {{ seconds }} as period_seconds
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

rolling_periods as (
    select
        dim_periods.site_id,
        dim_periods.period,
        dim_periods.period_order,
        dim_periods.starts_after_at,
        dim_periods.ends_at,
        {{ plus_seconds('dim_periods.starts_after_at', '-lengths.period_seconds') }}
            as previous_starts_after_at,
        dim_periods.starts_after_at as previous_ends_at
    from dim_periods
    inner join lengths on dim_periods.period = lengths.period
),

day_so_far as (
    select
        today.site_id,
        today.period,
        today.period_order,
        today.starts_after_at,
        today.ends_at,
        yesterday.starts_after_at as previous_starts_after_at,
        {{ least_of([
            'yesterday.ends_at',
            from_time_zone(
                '(' ~ plus_seconds(
                    '(' ~ at_time_zone('dim_sites.as_of_at', 'dim_sites.time_zone') ~ ')', -86400
                ) ~ ')',
                'dim_sites.time_zone'
            ),
        ]) }} as previous_ends_at
    from dim_periods as today
    inner join dim_periods as yesterday
        on today.site_id = yesterday.site_id and yesterday.period = 'yesterday'
    inner join dim_sites on today.site_id = dim_sites.site_id
    where today.period = 'today'
),

periods as (
    select * from rolling_periods
    union all
    select * from day_so_far
),

final as (
    select
        periods.site_id,
        periods.period,
        periods.period_order,
        -- A site whose first event came some seconds late is still a site with a week before.
        100 * {{ seconds_between('periods.previous_starts_after_at', 'dim_sites.first_event_at') }}
        <= {{ seconds_between('periods.previous_starts_after_at', 'periods.previous_ends_at') }}
            as is_comparable,
        periods.starts_after_at,
        periods.ends_at,
        periods.previous_starts_after_at,
        periods.previous_ends_at
    from periods
    inner join dim_sites on periods.site_id = dim_sites.site_id
)

select * from final
