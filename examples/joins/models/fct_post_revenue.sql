-- Each side is summed by post before they meet: a join of their rows would multiply them.
with subscription_posts as (
    select * from {{ ref('fct_subscription_posts') }}
),

touchpoints as (
    select * from {{ ref('readership', 'fct_conversion_touchpoints') }}
),

posts as (
    select * from {{ ref('readership', 'dim_posts') }} where is_post
),

revenue as (
    select
        site_id,
        post_key,
        count(*) as subscriptions_touched,
        sum(credit) as subscriptions_credited,
        sum(revenue) as revenue
    from subscription_posts
    group by site_id, post_key
),

conversions as (
    select
        touchpoints.site_id,
        touchpoints.post_key,
        sum(touchpoints.linear) as conversions_credited
    from touchpoints
    inner join posts on touchpoints.post_key = posts.post_key
    group by touchpoints.site_id, touchpoints.post_key
),

measured as (
    select
        coalesce(revenue.site_id, conversions.site_id) as site_id,
        coalesce(revenue.post_key, conversions.post_key) as post_key,
        coalesce(conversions.conversions_credited, 0) as conversions_credited,
        coalesce(revenue.subscriptions_touched, 0) as subscriptions_touched,
        coalesce(revenue.subscriptions_credited, 0) as subscriptions_credited,
        coalesce(revenue.revenue, 0) as revenue
    from revenue
    full outer join conversions on revenue.post_key = conversions.post_key
),

final as (
    select
        ---------- ids
        {{ readership.surrogate_key(['measured.site_id', 'measured.post_key']) }}
            as post_revenue_key,
        measured.site_id,
        measured.post_key,

        ---------- text
        posts.title,
        posts.section,

        ---------- numbers
        measured.conversions_credited,
        measured.subscriptions_touched,
        measured.subscriptions_credited,
        measured.revenue
    from measured
    left join posts on measured.post_key = posts.post_key
)

select * from final
