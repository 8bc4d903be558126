with views as (
    select * from {{ ref('pageviews') }}
)

select
    campaign_key,
    max(utm_campaign) as utm_campaign,
    max(utm_medium) as utm_medium,
    max(utm_source) as utm_source,
    max(utm_content) as utm_content,
    max(utm_term) as utm_term,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from views
group by campaign_key
