with activity as (
    select * from {{ export('api_activity') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_tags as (
    select * from {{ ref('bridge_post_tags') }}
),

by_visitor as (
    select
        activity.site_id,
        activity.period,
        post_tags.tag,
        activity.visitor_key,
        {{ visitor_totals() }}
    from activity
    inner join dim_posts on activity.post_key = dim_posts.post_key
    inner join post_tags on activity.post_key = post_tags.post_key
    where post_tags.tag is not null
    group by activity.site_id, activity.period, post_tags.tag, activity.visitor_key
),

final as (
    select
        site_id,
        period,
        tag,
        {{ sort_metrics() }}
    from by_visitor
    group by site_id, period, tag
)

select * from final
where views > 0 or visitors > 0
