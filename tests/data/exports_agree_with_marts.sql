-- For the period of all time, posts in the exports have the same views and visitors as in the
-- marts.
with posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

pageviews as (
    select * from {{ ref('fct_pageviews') }}
),

present as (
    select * from {{ ref('dim_periods') }} where period = 'all'
),

in_marts as (
    select
        pageviews.post_key,
        sum(pageviews.views) as views,
        count(distinct pageviews.visitor_key) as visitors
    from pageviews
    inner join posts on pageviews.post_key = posts.post_key
    inner join present
        on
            pageviews.site_id = present.site_id
            and pageviews.viewed_at <= present.ends_at
    group by pageviews.post_key
),

in_exports as (
    select * from {{ ref('api_analytics_posts') }} where period = 'all'
)

select
    in_marts.post_key,
    in_exports.post_key as exported_post_key,
    in_marts.views,
    in_exports.views as exported_views,
    in_marts.visitors,
    in_exports.visitors as exported_visitors
from in_marts
full outer join in_exports on in_marts.post_key = in_exports.post_key
where
    in_marts.post_key is null
    or in_exports.post_key is null
    or in_marts.views <> in_exports.views
    or in_marts.visitors <> in_exports.visitors
    or in_exports.visitors <> in_exports.visitors_new + in_exports.visitors_returning
