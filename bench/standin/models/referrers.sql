with views as (
    select * from {{ ref('pageviews') }}
)

select
    referrer_key,
    max(referrer_class) as referrer_class,
    max(referrer_host) as referrer_host,
    max(ref_path) as referrer_path,
    max(ref_domain) as referrer_domain,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from views
group by referrer_key
