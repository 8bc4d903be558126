with activity as (
    select * from {{ export('api_activity') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

bylines as (
    select
        post_key,
        {{ joined_texts('author', ' and ', 'position, author') }} as author
    from post_authors
    group by post_key
),

by_visitor as (
    select
        site_id,
        period,
        post_key,
        visitor_key,
        {{ visitor_totals() }}
    from activity
    group by site_id, period, post_key, visitor_key
),

metrics as (
    select
        site_id,
        period,
        post_key,
        {{ sort_metrics() }}
    from by_visitor
    group by site_id, period, post_key
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
    where metrics.views > 0 or metrics.visitors > 0
)

select * from final
