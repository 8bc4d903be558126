with events as (
    select * from {{ ref('base_events') }}
),

reported as (
    select
        post_key,
        site_id,
        post_url,
        metadata_post_id,
        metadata_title,
        metadata_section,
        metadata_page_type,
        metadata_image_url,
        metadata_thumb_url,
        cast(metadata_authors as jsonb) as authors,
        cast(metadata_tags as jsonb) as tags,
        cast(metadata_urls as jsonb) as urls,
        metadata_full_content_word_count,
        published_at,
        saved_at,
        row_number() over (
            partition by post_key
            order by saved_at desc nulls last, event_at desc
        ) as newest
    from events
    where metadata_title is not null and action not in ('videostart', 'vheartbeat')
),

viewed as (
    select
        post_key,
        count(*) as views,
        count(distinct visitor_key) as visitors,
        sum(engaged_seconds) as engaged_seconds,
        min(event_at) as first_viewed_at,
        max(event_at) as last_viewed_at
    from {{ ref('pageviews') }}
    group by post_key
)

select
    reported.*,
    viewed.views,
    viewed.visitors,
    viewed.engaged_seconds,
    viewed.first_viewed_at,
    viewed.last_viewed_at
from reported
left join viewed on reported.post_key = viewed.post_key
where reported.newest = 1
