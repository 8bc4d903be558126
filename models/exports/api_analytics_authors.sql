with activity as (
    select * from {{ export('api_activity') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

by_visitor as (
    select
        activity.site_id,
        activity.period,
        post_authors.author,
        activity.visitor_key,
        {{ visitor_totals() }}
    from activity
    inner join dim_posts on activity.post_key = dim_posts.post_key
    inner join post_authors on activity.post_key = post_authors.post_key
    where post_authors.author is not null
    group by activity.site_id, activity.period, post_authors.author, activity.visitor_key
),

final as (
    select
        site_id,
        period,
        author,
        {{ sort_metrics() }}
    from by_visitor
    group by site_id, period, author
)

select * from final
where views > 0 or visitors > 0
