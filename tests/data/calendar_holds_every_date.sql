-- The calendar has no gaps, and every date of a session, a pageview or a site is in it.
with dim_dates as (
    select * from {{ ref('dim_dates') }}
),

told_dates as (
    select started_date as told_date from {{ ref('fct_sessions') }}
    union
    select viewed_date as told_date from {{ ref('fct_pageviews') }}
    union
    select newest_event_date as told_date from {{ ref('dim_sites') }}
),

followers as (
    select
        calendar_date,
        lead(calendar_date) over (order by calendar_date) as next_date
    from dim_dates
)

select told_dates.told_date
from told_dates
left join dim_dates on told_dates.told_date = dim_dates.calendar_date
where dim_dates.calendar_date is null
union all
select calendar_date as told_date
from followers
where {{ days_between('calendar_date', 'next_date') }} <> 1
