with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

bylines as (
    select * from {{ ref('int_bylines') }}
),

{{ metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('post_key', 'activity.post_key')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.referrer_name is not null',
    recirculated='led_on_views',
) }},

final as (
    select
        metrics.site_id,
        metrics.period,
        metrics.type,
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
        dim_posts.published_at
    from metrics
    inner join dim_posts on metrics.post_key = dim_posts.post_key
    left join bylines on metrics.post_key = bylines.post_key
)

select * from final
