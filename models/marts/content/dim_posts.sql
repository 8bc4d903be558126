{{ config(
    meta=meta_of_own_columns('metadata_columns'),
    pre_hook="{{ add_own_columns('metadata_columns') }}",
) }}

with post_versions as (
    select * from {{ ref('dim_posts_history') }} where is_current
),

page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

named_pages as (
    select * from {{ ref('int_named_pages') }}
),

sites as (
    select * from {{ ref('sites') }}
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

seen_posts as (
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
        true as has_events,

        ---------- times
        post_versions.published_at,
        {{ local_hour('post_versions.published_at', site_time_zone('sites')) }}
            as published_local_hour,
        {{ local_date('post_versions.published_at', site_time_zone('sites')) }} as published_date,
        seen.first_viewed_at,
        -- A publication time after the last event is wrong: the post was already being read.
        case
            when post_versions.published_at <= seen.last_event_at then post_versions.published_at
            else seen.first_viewed_at
        end as published_or_first_viewed_at,
        seen.first_event_at,
        seen.last_event_at
        {%- for column in own_columns('metadata_columns') %},
        post_versions.{{ column['name'] }}
        {%- endfor %}
    from post_versions
    inner join seen on post_versions.post_key = seen.post_key
    left join sites on post_versions.site_id = sites.site_id
),

-- Facts lead to these too, so that no join loses a row.
named_posts as (
    select
        coalesce(page_posts.post_key, named_pages.page_key) as post_key,
        named_pages.site_id,
        min(named_pages.page_url) as page_url,
        count(distinct named_pages.page_key) as pages
    from named_pages
    left join page_posts on named_pages.page_key = page_posts.page_key
    group by coalesce(page_posts.post_key, named_pages.page_key), named_pages.site_id
),

unseen_posts as (
    select
        ---------- ids
        named_posts.post_key,
        named_posts.site_id,
        named_posts.page_url as post_id,

        ---------- text
        named_posts.page_url as canonical_url,
        {%- for column in [
            'title', 'section', 'section_origin', 'raw_section', 'authors', 'tags', 'raw_tags',
            'page_type', 'image_url', 'thumb_url', 'custom_metadata', 'word_count_bucket',
        ] %}
        cast(null as {{ dbt.type_string() }}) as {{ column }},
        {%- endfor %}

        ---------- numbers
        cast(null as bigint) as word_count,
        cast(0 as bigint) as versions,
        named_posts.pages,

        ---------- booleans
        false as has_metadata,
        false as is_post,
        false as has_events,

        ---------- times
        {{ as_timestamp('null') }} as published_at,
        {{ as_timestamp('null') }} as published_local_hour,
        cast(null as date) as published_date,
        {{ as_timestamp('null') }} as first_viewed_at,
        {{ as_timestamp('null') }} as published_or_first_viewed_at,
        {{ as_timestamp('null') }} as first_event_at,
        {{ as_timestamp('null') }} as last_event_at
        {%- for column in own_columns('metadata_columns') %},
        cast(null as {{ type_of_own_column(column) }}) as {{ column['name'] }}
        {%- endfor %}
    from named_posts
    left join seen on named_posts.post_key = seen.post_key
    where seen.post_key is null
),

final as (
    select * from seen_posts
    union all
    select * from unseen_posts
)

select * from final
