-- Fields of a page in responses, besides its metrics.
with dim_posts as (
    select * from {{ ref('dim_posts') }} where has_events
),

bylines as (
    select * from {{ ref('int_bylines') }}
),

final as (
    select
        dim_posts.post_key,
        dim_posts.site_id,
        dim_posts.canonical_url as url,
        dim_posts.title,
        bylines.byline as author,
        dim_posts.authors,
        dim_posts.section,
        dim_posts.tags,
        dim_posts.page_type,
        dim_posts.image_url,
        dim_posts.thumb_url as thumb_url_medium,
        dim_posts.custom_metadata as metadata,
        dim_posts.word_count as full_content_word_count,
        dim_posts.is_post,
        dim_posts.published_at
    from dim_posts
    left join bylines on dim_posts.post_key = bylines.post_key
)

select * from final
