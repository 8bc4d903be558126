{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='page_key',
    meta={'touched_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    on_schema_change='fail',
) }}

-- One row per page and version of its metadata as events carried it; a page seen without any
-- metadata has a version of nulls. Video events are left out: their metadata is the video's.
with stg_events as (
    select * from {{ ref('stg_events') }}
),

final as (
    select
        ---------- ids
        page_key,
        site_id,
        metadata_post_id as post_id,

        ---------- text
        min(page_clean_url) as page_url,
        metadata_canonical_url as canonical_url,
        metadata_page_type as page_type,
        metadata_title as title,
        metadata_section as section,
        metadata_authors as authors,
        metadata_tags as tags,
        metadata_image_url as image_url,
        metadata_thumb_url as thumb_url,
        metadata_custom as custom_metadata,

        ---------- numbers
        metadata_word_count as word_count,

        ---------- booleans
        has_metadata,

        ---------- times
        metadata_published_at as published_at,
        metadata_saved_at as saved_at,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        min(case when action = 'pageview' then event_at end) as first_viewed_at
    from stg_events
    where
        {{ is_touched('page_key', reach='event') }}
        and action not in ('videostart', 'vheartbeat')
        and {{ is_counted() }}
    group by
        page_key, site_id, metadata_post_id, metadata_canonical_url, metadata_page_type,
        metadata_title, metadata_section, metadata_authors, metadata_tags, metadata_image_url,
        metadata_thumb_url, metadata_custom, metadata_word_count, has_metadata,
        metadata_published_at, metadata_saved_at
)

select * from final
