select
    {{ key(['site_id', 'event_date', 'referrer_class', 'referrer_host']) }} as day_key,
    site_id,
    event_date,
    referrer_class,
    referrer_host,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds
from {{ ref('pageviews') }}
group by site_id, event_date, referrer_class, referrer_host
