with related_posts as (
    select * from {{ ref('int_related_posts') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

final as (
    select
        related_posts.site_id,
        related_posts.post_key,
        related_posts.related_post_key,
        posts.canonical_url as url,
        related.canonical_url as related_url,
        related.title as related_title,
        related.section as related_section,
        related_posts.position,
        related_posts.score,
        related_posts.reading_score,
        related_posts.content_score,
        related.published_at as related_published_at
    from related_posts
    inner join dim_posts as posts on related_posts.post_key = posts.post_key
    inner join dim_posts as related on related_posts.related_post_key = related.post_key
)

select * from final
