-- The hourly rollup has the same views, visitors, engaged seconds and recirculated views as the
-- pageviews of each site, hour, local hour and date, referrer class and device; visitors count once per row.
with pageviews as (
    select
        *,
        {{ dbt.date_trunc('hour', 'viewed_at') }} as hour_at,
        viewed_local_hour as local_hour,
        viewed_date as local_date
    from {{ ref('fct_pageviews') }}
),

visitors_of_rows as (
    select distinct
        site_id,
        post_key,
        hour_at,
        local_hour,
        local_date,
        referrer_class,
        device_class,
        visitor_key
    from pageviews
),

visitors as (
    select
        site_id,
        hour_at,
        local_hour,
        local_date,
        referrer_class,
        device_class,
        count(*) as visitors
    from visitors_of_rows
    group by site_id, hour_at, local_hour, local_date, referrer_class, device_class
),

expected as (
    select
        site_id,
        hour_at,
        local_hour,
        local_date,
        referrer_class,
        device_class,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds,
        sum(case when referrer_post_key is not null then views else 0 end) as recirculated_views
    from pageviews
    group by site_id, hour_at, local_hour, local_date, referrer_class, device_class
),

found as (
    select
        site_id,
        hour_at,
        local_hour,
        local_date,
        referrer_class,
        device_class,
        sum(views) as views,
        sum(visitors) as visitors,
        sum(engaged_seconds) as engaged_seconds,
        sum(recirculated_views) as recirculated_views
    from {{ ref('fct_engaged_time') }}
    group by site_id, hour_at, local_hour, local_date, referrer_class, device_class
)

select
    coalesce(expected.site_id, found.site_id) as site_id,
    coalesce(expected.hour_at, found.hour_at) as hour_at,
    expected.views,
    found.views as views_found,
    visitors.visitors,
    found.visitors as visitors_found,
    expected.engaged_seconds,
    found.engaged_seconds as engaged_seconds_found,
    expected.recirculated_views,
    found.recirculated_views as recirculated_views_found
from expected
full outer join found
    on
        expected.site_id = found.site_id
        and expected.hour_at = found.hour_at
        and expected.local_hour = found.local_hour
        and expected.local_date = found.local_date
        and expected.referrer_class = found.referrer_class
        and expected.device_class = found.device_class
left join visitors
    on
        expected.site_id = visitors.site_id
        and expected.hour_at = visitors.hour_at
        and expected.local_hour = visitors.local_hour
        and expected.local_date = visitors.local_date
        and expected.referrer_class = visitors.referrer_class
        and expected.device_class = visitors.device_class
where
    expected.site_id is null
    or found.site_id is null
    or expected.views <> found.views
    or visitors.visitors <> found.visitors
    or expected.engaged_seconds <> found.engaged_seconds
    or expected.recirculated_views <> found.recirculated_views
