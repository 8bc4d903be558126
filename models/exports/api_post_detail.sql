with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

bylines as (
    select * from {{ ref('int_bylines') }}
),

{{ metrics_by([('post_key', 'activity.post_key')]) }},

final as (
    select
        metrics.site_id,
        metrics.period,
        metrics.post_key,
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
        {%- for metric in sort_metric_names() %}
        metrics.{{ metric }},
        {%- endfor %}
        dim_posts.is_post,
        dim_posts.published_at
    from metrics
    inner join dim_posts on metrics.post_key = dim_posts.post_key
    left join bylines on metrics.post_key = bylines.post_key
)

select * from final
