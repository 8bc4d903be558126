with dim_visitors as (
    select * from {{ ref('dim_visitors') }}
),

hourly_views as (
    select * from {{ ref('int_hourly_views') }} where views > 0
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

recent as (
    select
        hourly_views.site_id,
        hourly_views.visitor_key,
        hourly_views.post_key,
        cast(sum(hourly_views.views) as bigint) as views,
        max(hourly_views.viewed_at) as last_viewed_at
    from hourly_views
    inner join dim_sites
        on
            hourly_views.site_id = dim_sites.site_id
            and hourly_views.viewed_at > {{ plus_seconds('dim_sites.as_of_at', '-86400 * ' ~ var('history_days')) }}
            and hourly_views.viewed_at <= dim_sites.as_of_at
    group by hourly_views.site_id, hourly_views.visitor_key, hourly_views.post_key
),

final as (
    select
        recent.site_id,
        dim_visitors.visitor_site_id as uuid,
        recent.post_key,
        dim_posts.canonical_url as url,
        recent.views,
        recent.last_viewed_at
    from recent
    inner join dim_visitors
        on
            recent.visitor_key = dim_visitors.visitor_key
            and dim_visitors.visitor_site_id is not null
    inner join dim_posts on recent.post_key = dim_posts.post_key
)

select * from final
