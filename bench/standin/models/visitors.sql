with sessions as (
    select * from {{ ref('sessions') }}
),

summed as (
    select
        visitor_key,
        site_id,
        count(*) as sessions,
        sum(pageviews) as pageviews,
        sum(session_engaged_seconds) as engaged_seconds,
        sum(conversions) as conversions,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at
    from sessions
    group by visitor_key, site_id
),

firsts as (
    select distinct on (visitor_key)
        visitor_key,
        session_class as first_class,
        page_url as first_url,
        utm_campaign as first_campaign,
        device_class as first_device
    from sessions
    order by visitor_key, started_at
)

select
    summed.*,
    firsts.first_class,
    firsts.first_url,
    firsts.first_campaign,
    firsts.first_device
from summed
inner join firsts on summed.visitor_key = firsts.visitor_key
