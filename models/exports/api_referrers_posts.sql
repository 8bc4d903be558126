with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

pages as (
    select * from {{ export('api_post_fields') }} where is_post
),

{{ metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('post_key', 'activity.post_key')],
    joins='inner join pages on activity.post_key = pages.post_key',
    condition='activity.referrer_name is not null',
    extra_columns=['referrer_class', 'referrer_name'],
    recirculated='recirculating_views',
) }},

final as (
    select
        metrics.site_id,
        metrics.period,
        metrics.type,
        metrics.post_key,
        pages.url,
        pages.title,
        pages.author,
        pages.authors,
        pages.section,
        pages.tags,
        pages.page_type,
        pages.image_url,
        pages.thumb_url_medium,
        pages.metadata,
        pages.full_content_word_count,
        {%- for metric in sort_metric_names() %}
        metrics.{{ metric }},
        {%- endfor %}
        pages.published_at
    from metrics
    inner join pages on metrics.post_key = pages.post_key
)

select * from final
