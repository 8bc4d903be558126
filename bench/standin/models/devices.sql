with views as (
    select * from {{ ref('pageviews') }}
)

select
    device_key,
    max(device_class) as device_class,
    max(ua_browser) as ua_browser,
    max(ua_browserversion) as ua_browserversion,
    max(ua_os) as ua_os,
    max(ua_osversion) as ua_osversion,
    max(ua_devicebrand) as ua_devicebrand,
    max(ua_devicemodel) as ua_devicemodel,
    count(*) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    min(event_at) as first_seen_at,
    max(event_at) as last_seen_at
from views
group by device_key
