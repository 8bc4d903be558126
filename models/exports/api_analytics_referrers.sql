-- Visits without a referrer have no row here: their views are the total less these.
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
        activity.referrer_name as name,
        activity.referrer_class as type,
        activity.visitor_key,
        {{ visitor_totals() }}
    from activity
    inner join dim_posts on activity.post_key = dim_posts.post_key
    where activity.referrer_name is not null and activity.recirculated_views = 0
    group by
        activity.site_id, activity.period, activity.referrer_name, activity.referrer_class,
        activity.visitor_key
),

final as (
    select
        site_id,
        period,
        name,
        type,
        {{ sort_metrics(recirculation=false) }}
    from by_visitor
    group by site_id, period, name, type
)

select * from final
where views > 0 or visitors > 0
