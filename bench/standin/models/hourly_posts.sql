{{ config(materialized='incremental', unique_key='hour_key') }}

with views as (
    select *
    from {{ ref('pageviews') }}
)

select
    {{ key(['site_id', 'post_key', 'hour_at', 'referrer_class', 'device_class']) }} as hour_key,
    site_id,
    post_key,
    hour_at,
    referrer_class,
    device_class,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    count(distinct session_key) as sessions,
    sum(engaged_seconds) as engaged_seconds,
    count(*) filter (where referrer_class = 'internal') as recirculated_views
from views
group by site_id, post_key, hour_at, referrer_class, device_class
