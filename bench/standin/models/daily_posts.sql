select
    {{ key(['site_id', 'post_key', 'event_date']) }} as day_key,
    site_id,
    post_key,
    event_date,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    count(*) filter (where is_entry) as entries,
    count(*) filter (where is_exit) as exits
from {{ ref('pageviews') }}
group by site_id, post_key, event_date
