{{ config(materialized='table', access='protected') }}

with dim_posts as (
    select * from {{ ref('dim_posts') }}
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

post_tags as (
    select * from {{ ref('bridge_post_tags') }}
),

texts as (
    select
        post_key,
        site_id,
        title as text,
        4 as weight
    from dim_posts
    where is_post
    union all
    select
        post_key,
        site_id,
        section as text,
        1 as weight
    from dim_posts
    where is_post
    union all
    select
        post_authors.post_key,
        post_authors.site_id,
        post_authors.author as text,
        2 as weight
    from post_authors
    inner join dim_posts on post_authors.post_key = dim_posts.post_key and dim_posts.is_post
    union all
    select
        post_tags.post_key,
        post_tags.site_id,
        post_tags.tag as text,
        2 as weight
    from post_tags
    inner join dim_posts on post_tags.post_key = dim_posts.post_key and dim_posts.is_post
),

words as (
    select
        texts.post_key,
        texts.site_id,
        texts.weight,
        recorded_words.word
    from texts
    cross join {{ words_of('texts.text', 'recorded_words') }}
),

weighted_words as (
    select
        post_key,
        site_id,
        word,
        cast(max(weight) as integer) as weight
    from words
    group by post_key, site_id, word
),

word_counts as (
    select
        site_id,
        word,
        count(*) as posts
    from weighted_words
    group by site_id, word
),

site_counts as (
    select
        site_id,
        count(*) as posts
    from dim_posts
    where is_post
    group by site_id
),

final as (
    select
        weighted_words.post_key,
        weighted_words.site_id,
        weighted_words.word,
        weighted_words.weight,
        {{ rounded(
            'weighted_words.weight * ln(1 + '
            ~ quotient('site_counts.posts', 'word_counts.posts') ~ ')',
            6
        ) }} as score
    from weighted_words
    inner join word_counts
        on
            weighted_words.site_id = word_counts.site_id
            and weighted_words.word = word_counts.word
    inner join site_counts on weighted_words.site_id = site_counts.site_id
)

select * from final
