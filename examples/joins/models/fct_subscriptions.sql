with subscriptions as (
    select * from {{ ref('subscriptions') }}
),

subscription_posts as (
    select * from {{ ref('fct_subscription_posts') }}
),

visitors as (
    select * from {{ ref('readership', 'dim_visitors') }}
),

sessions as (
    select * from {{ ref('readership', 'fct_sessions') }}
),

read_before as (
    select
        subscription_id,
        visitor_key,
        count(post_key) as posts,
        cast(sum(views) as bigint) as views,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        min(first_read_at) as first_read_at
    from subscription_posts
    group by subscription_id, visitor_key
),

visits_before as (
    select
        subscriptions.subscription_id,
        count(*) as sessions,
        min(sessions.started_at) as first_session_at
    from subscriptions
    inner join read_before on subscriptions.subscription_id = read_before.subscription_id
    inner join sessions
        on
            read_before.visitor_key = sessions.visitor_key
            and subscriptions.subscribed_at > sessions.started_at
    group by subscriptions.subscription_id
),

final as (
    select
        ---------- ids
        subscriptions.subscription_id,
        subscriptions.site_id,
        read_before.visitor_key,

        ---------- text
        subscriptions.plan,
        visitors.first_acquisition_channel,

        ---------- numbers
        subscriptions.price,
        coalesce(visits_before.sessions, 0) as sessions_before,
        read_before.posts as posts_before,
        read_before.views as views_before,
        read_before.engaged_seconds / 60.0 as engaged_minutes_before,
        {{ dbt.datediff('visits_before.first_session_at', 'subscriptions.subscribed_at', 'hour') }}
            as hours_from_first_session,

        ---------- booleans
        visitors.visitor_key is not null as is_known_visitor,

        ---------- times
        read_before.first_read_at,
        subscriptions.subscribed_at
    from subscriptions
    inner join read_before on subscriptions.subscription_id = read_before.subscription_id
    left join visits_before on subscriptions.subscription_id = visits_before.subscription_id
    left join visitors on read_before.visitor_key = visitors.visitor_key
)

select * from final
