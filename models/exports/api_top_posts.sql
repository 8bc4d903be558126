with posts as (
    select * from {{ export('api_analytics_posts') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by site_id, period
            order by views desc, visitors desc, url, post_key
        ) as position
    from posts
),

final as (
    select
        site_id,
        period,
        cast(position as integer) as position,
        post_key,
        url,
        title,
        author,
        section,
        views,
        visitors,
        engaged_minutes,
        avg_engaged,
        published_at
    from ranked
    where position <= 10
)

select * from final
