with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

{{ metrics_by([('post_key', 'activity.post_key')]) }},

answered_posts as (
    select distinct post_key from metrics
),

bylines as (
    select
        post_authors.post_key,
        {{ joined_texts(
            'post_authors.author', ' and ', 'post_authors.position, post_authors.author'
        ) }} as author
    from post_authors
    inner join answered_posts on post_authors.post_key = answered_posts.post_key
    group by post_authors.post_key
),

final as (
    select
        metrics.site_id,
        metrics.period,
        metrics.post_key,
        dim_posts.canonical_url as url,
        dim_posts.title,
        bylines.author,
        dim_posts.authors,
        dim_posts.section,
        dim_posts.tags,
        dim_posts.page_type,
        dim_posts.image_url,
        dim_posts.thumb_url as thumb_url_medium,
        dim_posts.custom_metadata as metadata,
        dim_posts.word_count as full_content_word_count,
        {%- for metric in sort_metric_names() %}
        metrics.{{ metric }},
        {%- endfor %}
        dim_posts.published_at
    from metrics
    inner join dim_posts on metrics.post_key = dim_posts.post_key
    left join bylines on metrics.post_key = bylines.post_key
)

select * from final
