with days as (
    select
        visitor_key,
        site_id,
        event_date,
        count(*) as views,
        count(distinct post_key) as posts,
        sum(engaged_seconds) as engaged_seconds
    from {{ ref('pageviews') }}
    group by visitor_key, site_id, event_date
)

select
    {{ key(['visitor_key', 'event_date']) }} as day_key,
    days.*,
    sum(views) over (
        partition by visitor_key
        order by event_date
        range between interval '29 days' preceding and current row
    ) as rolling_views,
    lag(event_date) over (partition by visitor_key order by event_date) as previous_date
from days
