-- The calendar has no gaps and contains every date of a session, a pageview or a site.
with dim_dates as (
    select * from {{ ref('dim_dates') }}
),

dates_in_use as (
    select started_date as date_in_use from {{ ref('fct_sessions') }}
    {{ union_distinct() }}
    select viewed_date as date_in_use from {{ ref('fct_pageviews') }}
    {{ union_distinct() }}
    select newest_event_date as date_in_use from {{ ref('dim_sites') }}
),

followers as (
    select
        calendar_date,
        lead(calendar_date) over (order by calendar_date) as next_date
    from dim_dates
)

select dates_in_use.date_in_use
from dates_in_use
left join dim_dates on dates_in_use.date_in_use = dim_dates.calendar_date
where dim_dates.calendar_date is null
union all
select calendar_date as date_in_use
from followers
where {{ days_between('calendar_date', 'next_date') }} <> 1
