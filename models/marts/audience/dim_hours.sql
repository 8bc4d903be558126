{{ config(materialized='view') }}

with dim_dates as (
    select * from {{ ref('dim_dates') }}
),

hours_of_day as (
    {{ rows_of_numbers('hour_of_day', 0, 23) }}
),

final as (
    select
        ---------- numbers
        hours_of_day.hour_of_day,

        ---------- times
        {{ plus_seconds(
            as_timestamp('dim_dates.calendar_date'), 'hours_of_day.hour_of_day * 3600'
        ) }} as calendar_hour,
        dim_dates.calendar_date
    from dim_dates
    cross join hours_of_day
)

select * from final
