with activity as (
    select * from {{ export('api_activity') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

by_visitor as (
    select
        activity.site_id,
        activity.period,
        dim_posts.section,
        activity.visitor_key,
        {{ visitor_totals() }}
    from activity
    inner join dim_posts on activity.post_key = dim_posts.post_key
    where dim_posts.section is not null
    group by activity.site_id, activity.period, dim_posts.section, activity.visitor_key
),

final as (
    select
        site_id,
        period,
        section,
        {{ sort_metrics() }}
    from by_visitor
    group by site_id, period, section
)

select * from final
where views > 0 or visitors > 0
