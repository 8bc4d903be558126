with pages as (
    select * from {{ export('api_post_detail') }}
),

final as (
    select
        site_id,
        period,
        post_key,
        url,
        title,
        author,
        authors,
        section,
        tags,
        page_type,
        image_url,
        thumb_url_medium,
        metadata,
        full_content_word_count,
        {{ sort_metric_names() | join(', ') }},
        published_at
    from pages
    where is_post
)

select * from final
