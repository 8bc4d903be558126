-- The periods that answers are given for, per site, ending with its newest event.
with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

lengths as (
    select '24h' as period, 24 as period_hours, 1 as period_order
    union all
    select '7d' as period, 7 * 24 as period_hours, 2 as period_order
    union all
    select '30d' as period, 30 * 24 as period_hours, 3 as period_order
    union all
    select 'all' as period, null as period_hours, 4 as period_order
),

final as (
    select
        dim_sites.site_id,
        lengths.period,
        lengths.period_order,
        case
            when lengths.period_hours is null
                then
                    {{ plus_seconds('least(dim_sites.first_event_at, dim_sites.as_of_at)', '-1') }}
            else {{ plus_seconds('dim_sites.as_of_at', '-3600 * lengths.period_hours') }}
        end as starts_after_at,
        dim_sites.as_of_at as ends_at
    from dim_sites
    cross join lengths
)

select * from final
