-- int_post_days has every counted view and second once.
with counts as (
    select
        (select coalesce(sum(views), 0) from {{ ref('fct_pageviews') }}) as pageviews,
        (select coalesce(sum(views), 0) from {{ ref('int_post_days') }}) as day_views,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('fct_pageviews') }})
            as pageview_seconds,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('int_post_days') }}) as day_seconds
)

select *
from counts
where
    pageviews <> day_views
    or pageview_seconds <> day_seconds
