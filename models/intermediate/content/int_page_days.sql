{%- set content = [
    'metadata_post_id', 'metadata_canonical_url', 'metadata_page_type', 'metadata_title',
    'metadata_section', 'metadata_authors', 'metadata_tags', 'metadata_image_url',
    'metadata_thumb_url', 'metadata_custom', 'metadata_word_count', 'metadata_published_at',
] -%}

{{ config(
    materialized='incremental',
    unique_key='page_day_key',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per page, UTC day and series of consecutive events with the same metadata, so that
-- metadata which is changed and changed back has three rows. By day, so that a new view of a page
-- does not require reading all earlier ones. Each variant of a headline test has one row, however
-- often it returned. Events with a title, events that only name the post, and events without
-- metadata are separate kinds; none ends a series of another kind. Video events are excluded,
-- because their metadata describes the video.
with stg_events as (
    select * from {{ ref('stg_events') }}
),

events_of_pages as {{ materialized() }} (
    select
        page_key,
        site_id,
        page_clean_url,
        action,
        {{ content | join(',\n        ') }},
        metadata_saved_at,
        has_metadata,
        metadata_title is not null as has_title,
        event_at,
        event_date,
        {{ surrogate_key(content) }} as metadata_hash
    from stg_events
    where
        {{ is_affected('page_key', reach='event') }}
        and {{ is_affected('event_date', reach='event') }}
        and {{ is_affected(page_day_key('event_date'), key='page_day_key', reach='event') }}
        and action not in ('videostart', 'vheartbeat')
        and {{ is_counted() }}
),

contents as (
    select
        metadata_hash,
        {%- for column in content %}
        {{ dbt.any_value(column) }} as {{ column }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    from events_of_pages
    group by metadata_hash
),

moments as (
    select
        page_key,
        site_id,
        metadata_hash,
        has_metadata,
        has_title,
        event_date,
        event_at,
        min(page_clean_url) as page_url,
        max(metadata_saved_at) as saved_at,
        max(case when action = 'pageview' then event_at end) as viewed_at
    from events_of_pages
    group by page_key, site_id, metadata_hash, has_metadata, has_title, event_date, event_at
),

compared as (
    select
        *,
        case
            when metadata_hash = lag(metadata_hash) over (
                partition by page_key, event_date, has_metadata, has_title
                order by {{ metadata_order('event_at') }}
            ) then 0
            else 1
        end as is_change
    from moments
),

numbered as (
    select
        *,
        sum(is_change) over (
            partition by page_key, event_date, has_metadata, has_title
            order by {{ metadata_order('event_at') }}
            rows between unbounded preceding and current row
        ) as run_number
    from compared
),

runs as (
    select
        page_key,
        site_id,
        metadata_hash,
        has_metadata,
        has_title,
        event_date,
        run_number,
        min(page_url) as page_url,
        max(case when is_change = 1 then saved_at end) as saved_at,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        min(viewed_at) as first_viewed_at,
        false as is_resumed
    from numbered
    group by
        page_key, site_id, metadata_hash, has_metadata, has_title, event_date, run_number
),

{{ headline_tests('page_key, event_date, has_metadata, has_title') }},

with_first as (
    select
        *,
        min(run_number) over (
            partition by
                page_key, event_date, has_metadata, has_title, metadata_hash, is_in_test,
                run_number_of_metadata
        ) as first_run_number
    from metadata_runs
),

joined_runs as (
    select
        page_key,
        site_id,
        metadata_hash,
        has_metadata,
        has_title,
        event_date,
        min(run_number) as run_number,
        min(page_url) as page_url,
        max(case when run_number = first_run_number then saved_at end) as saved_at,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_viewed_at) as first_viewed_at,
        is_in_test
    from with_first
    group by
        page_key, site_id, metadata_hash, has_metadata, has_title, event_date, is_in_test,
        run_number_of_metadata
),

final as (
    select
        ---------- ids
        {{ page_day_key('joined_runs.event_date', 'joined_runs.page_key') }} as page_day_key,
        joined_runs.page_key,
        joined_runs.site_id,
        contents.metadata_post_id as post_id,

        ---------- text
        joined_runs.metadata_hash,
        joined_runs.page_url,
        contents.metadata_canonical_url as canonical_url,
        contents.metadata_page_type as page_type,
        contents.metadata_title as title,
        contents.metadata_section as section,
        contents.metadata_authors as authors,
        contents.metadata_tags as tags,
        contents.metadata_image_url as image_url,
        contents.metadata_thumb_url as thumb_url,
        contents.metadata_custom as custom_metadata,

        ---------- numbers
        cast(joined_runs.run_number as bigint) as run_number,
        contents.metadata_word_count as word_count,

        ---------- booleans
        joined_runs.has_metadata,
        joined_runs.is_in_test,

        ---------- times
        contents.metadata_published_at as published_at,
        joined_runs.saved_at,
        joined_runs.first_event_at,
        joined_runs.last_event_at,
        joined_runs.first_viewed_at,
        joined_runs.event_date
    from joined_runs
    inner join contents on joined_runs.metadata_hash = contents.metadata_hash
)

select * from final
