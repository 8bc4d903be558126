with subscriptions as (
    select
        *,
        {{ readership.surrogate_key(['site_id', 'visitor_site_id']) }} as visitor_key,
        {{ dbt.dateadd('day', -1 * var('reading_days'), 'subscribed_at') }} as reading_since_at
    from {{ ref('subscriptions') }}
),

posts as (
    select post_key from {{ ref('readership', 'dim_posts') }} where is_post
),

pageviews as (
    select * from {{ ref('readership', 'fct_pageviews') }}
),

-- The pageviews are grouped here, so that a post read twice is one row and gets one share.
read_before as (
    select
        subscriptions.subscription_id,
        pageviews.post_key,
        cast(sum(pageviews.views) as bigint) as views,
        cast(sum(pageviews.engaged_seconds) as bigint) as engaged_seconds,
        min(pageviews.viewed_at) as first_read_at
    from subscriptions
    inner join pageviews
        on
            subscriptions.visitor_key = pageviews.visitor_key
            and subscriptions.reading_since_at <= pageviews.viewed_at
            and subscriptions.subscribed_at > pageviews.viewed_at
    inner join posts on pageviews.post_key = posts.post_key
    group by subscriptions.subscription_id, pageviews.post_key
),

shared as (
    select
        *,
        1.0 / count(*) over (partition by subscription_id) as credit
    from read_before
),

final as (
    select
        ---------- ids
        {{ readership.surrogate_key(['subscriptions.subscription_id', 'shared.post_key']) }}
            as subscription_post_key,
        subscriptions.subscription_id,
        subscriptions.visitor_key,
        subscriptions.site_id,
        shared.post_key,

        ---------- numbers
        coalesce(shared.views, 0) as views,
        coalesce(shared.engaged_seconds, 0) as engaged_seconds,
        coalesce(shared.credit, 1.0) as credit,
        subscriptions.price * coalesce(shared.credit, 1.0) as revenue,

        ---------- times
        shared.first_read_at
    from subscriptions
    left join shared on subscriptions.subscription_id = shared.subscription_id
)

select * from final
