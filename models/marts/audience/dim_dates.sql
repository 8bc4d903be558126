-- Whole years around all events. Valid events lie between earliest_event_date and
-- latest_event_date, so these also bound the calendar, whatever as_of is.
{%- set days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
{%- set months = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December',
] %}

with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

bounds as (
    select
        min(first_event_date) as first_date,
        {{ greatest_of([
            'max(newest_event_date)',
            least_of(['max(as_of_date)', "cast('" ~ var('latest_event_date') ~ "' as date)"]),
        ]) }} as last_date
    from dim_sites
),

whole_years as (
    select
        cast({{ dbt.date_trunc('year', 'first_date') }} as date) as first_date,
        {{ plus_days(dbt.dateadd('year', 1, dbt.date_trunc('year', 'last_date')), '-1') }}
            as last_date
    from bounds
),

spine as (
    {{ dates_between('first_date', 'last_date', 'calendar_date', 'whole_years') }}
),

with_weeks as (
    select
        calendar_date,
        cast({{ dbt.date_trunc('week', 'calendar_date') }} as date) as week_start_date
    from spine
),

-- An ISO week belongs to the year of its Thursday.
numbered as (
    select
        *,
        {{ plus_days('week_start_date', '3') }} as thursday,
        cast({{ days_between('week_start_date', 'calendar_date') }} + 1 as integer) as day_of_week,
        cast(extract(day from calendar_date) as integer) as day_of_month,
        cast({{ day_of_year('calendar_date') }} as integer) as day_of_year,
        cast(extract(month from calendar_date) as integer) as month_number,
        cast(extract(quarter from calendar_date) as integer) as quarter_number,
        cast(extract(year from calendar_date) as integer) as year_number
    from with_weeks
),

with_iso_weeks as (
    select
        *,
        cast(extract(year from thursday) as integer) as iso_year,
        cast(floor(({{ day_of_year('thursday') }} - 1) / 7.0) + 1 as integer) as iso_week
    from numbered
),

final as (
    select
        ---------- text
        case day_of_week
            {%- for day in days %}
            when {{ loop.index }} then '{{ day }}'
            {%- endfor %}
        end as day_name,
        case month_number
            {%- for month in months %}
            when {{ loop.index }} then '{{ month }}'
            {%- endfor %}
        end as month_name,
        cast(iso_year as {{ dbt.type_string() }})
        || '-W'
        || lpad(cast(iso_week as {{ dbt.type_string() }}), 2, '0') as iso_week_name,

        ---------- numbers
        day_of_week,
        day_of_month,
        day_of_year,
        iso_week,
        iso_year,
        month_number,
        quarter_number,
        year_number,

        ---------- booleans
        day_of_week >= 6 as is_weekend,

        ---------- times
        calendar_date,
        week_start_date,
        cast({{ dbt.date_trunc('month', 'calendar_date') }} as date) as month_start_date,
        cast({{ dbt.date_trunc('quarter', 'calendar_date') }} as date) as quarter_start_date,
        cast({{ dbt.date_trunc('year', 'calendar_date') }} as date) as year_start_date
    from with_iso_weeks
)

select * from final
