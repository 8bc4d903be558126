-- The score of a search is the sum over its words.
with post_words as (
    select * from {{ ref('int_post_words') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

final as (
    select
        post_words.site_id,
        post_words.word,
        post_words.post_key,
        dim_posts.canonical_url as url,
        dim_posts.title,
        dim_posts.section,
        post_words.score,
        dim_posts.published_at
    from post_words
    inner join dim_posts on post_words.post_key = dim_posts.post_key
)

select * from final
