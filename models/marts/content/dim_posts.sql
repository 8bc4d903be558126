with post_versions as (
    select * from {{ ref('dim_posts_history') }} where is_current
),

page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

seen as (
    select
        coalesce(page_posts.post_key, page_metadata.page_key) as post_key,
        count(distinct page_metadata.page_key) as pages,
        min(page_metadata.first_viewed_at) as first_viewed_at,
        min(page_metadata.first_event_at) as first_event_at,
        max(page_metadata.last_event_at) as last_event_at
    from page_metadata
    left join page_posts on page_metadata.page_key = page_posts.page_key
    group by coalesce(page_posts.post_key, page_metadata.page_key)
),

final as (
    select
        ---------- ids
        post_versions.post_key,
        post_versions.site_id,
        post_versions.post_id,

        ---------- text
        post_versions.canonical_url,
        post_versions.title,
        post_versions.section,
        post_versions.section_origin,
        post_versions.raw_section,
        post_versions.authors,
        post_versions.tags,
        post_versions.raw_tags,
        post_versions.page_type,
        post_versions.image_url,
        post_versions.thumb_url,
        post_versions.custom_metadata,
        post_versions.word_count_bucket,

        ---------- numbers
        post_versions.word_count,
        post_versions.version_number as versions,
        seen.pages,

        ---------- booleans
        post_versions.has_metadata,
        post_versions.is_post,

        ---------- times
        post_versions.published_at,
        seen.first_viewed_at,
        -- A publication time after the last event is wrong: the post was already being read.
        case
            when post_versions.published_at <= seen.last_event_at then post_versions.published_at
            else seen.first_viewed_at
        end as published_or_first_viewed_at,
        seen.first_event_at,
        seen.last_event_at
    from post_versions
    inner join seen on post_versions.post_key = seen.post_key
)

select * from final
