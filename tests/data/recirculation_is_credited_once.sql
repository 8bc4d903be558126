-- A view that came from another post is in the hourly rollup as that post's recirculation.
with counts as (
    select
        (
            select count(*) from {{ ref('fct_pageviews') }}
            where referrer_post_key is not null and views = 1
        ) as views_from_posts,
        (select coalesce(sum(recirculated_views), 0) from {{ ref('fct_engaged_time') }})
            as recirculated_views
)

select *
from counts
where views_from_posts <> recirculated_views
