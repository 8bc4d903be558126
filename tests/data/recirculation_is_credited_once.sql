-- A view referred from another post is recirculation of that post in the hourly rollup.
with pageviews as (
    select
        referrer_post_key as post_key,
        sum(views) as views_from_here
    from {{ ref('fct_pageviews') }}
    where referrer_post_key is not null and views = 1
    group by referrer_post_key
),

rolled_up as (
    select
        post_key,
        sum(recirculated_views) as recirculated_views
    from {{ ref('fct_engaged_time') }}
    group by post_key
    having sum(recirculated_views) > 0
)

select
    coalesce(pageviews.post_key, rolled_up.post_key) as post_key,
    pageviews.views_from_here,
    rolled_up.recirculated_views
from pageviews
full outer join rolled_up on pageviews.post_key = rolled_up.post_key
where
    coalesce(pageviews.views_from_here, 0) <> coalesce(rolled_up.recirculated_views, 0)
