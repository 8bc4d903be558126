{%- set window_hours = var('trending_window_hours') -%}
{%- set compared_hours = var('trending_window_hours') + var('trending_baseline_hours') -%}
{%- set history_hours = var('trending_history_weeks') * 7 * 24 -%}

with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

final as (
    select
        site_id,
        time_zone,
        first_event_at,
        -- One hour more than the weeks, because clock hours start before the hours that end at
        -- as-of.
        {{ dbt.date_trunc('hour', plus_seconds(
            'as_of_at', -3600 * (history_hours + compared_hours + 1)
        )) }} as history_starts_at,
        {{ plus_seconds('as_of_at', -3600 * compared_hours) }} as baseline_starts_at,
        {{ plus_seconds('as_of_at', -3600 * window_hours) }} as window_starts_at,
        {{ dbt.date_trunc('hour', 'as_of_at') }} as as_of_hour_at,
        as_of_at
    from dim_sites
)

select * from final
