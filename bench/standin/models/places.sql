with views as (
    select * from {{ ref('pageviews') }}
)

select
    place_key,
    max(ip_continent) as ip_continent,
    max(ip_country) as ip_country,
    max(ip_subdivision) as ip_subdivision,
    max(ip_city) as ip_city,
    max(ip_postal) as ip_postal,
    max(ip_timezone) as ip_timezone,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from views
group by place_key
