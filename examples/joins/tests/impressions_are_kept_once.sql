with logged as (
    select
        count(*) as impressions,
        count(distinct impression_id) as ids
    from {{ ref('ad_impressions') }}
),

joined as (
    select
        count(*) as impressions,
        count(distinct impression_id) as ids,
        count(case when has_pageview then 1 end) as with_pageview
    from {{ ref('fct_ad_impressions') }}
),

by_day as (
    select sum(impressions) as impressions from {{ ref('fct_post_ad_days') }}
)

select
    logged.impressions as logged,
    joined.impressions as joined,
    by_day.impressions as by_day
from logged
cross join joined
cross join by_day
where
    logged.impressions <> joined.impressions
    or logged.ids <> joined.ids
    or joined.with_pageview <> by_day.impressions
