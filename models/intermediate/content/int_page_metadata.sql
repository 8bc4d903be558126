{{ config(
    materialized='incremental',
    unique_key='page_key',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per page and series of consecutive events with the same metadata. Joins the series of the
-- page's days when a day continues with the metadata that ended the day before. Rows of headline
-- tests are unchanged.
with page_days as (
    select
        *,
        title is not null as has_title
    from {{ ref('int_page_days') }}
    where {{ is_affected('page_key', reach='event') }}
),

compared as (
    select
        *,
        case
            when
                not is_in_test
                and not lag(is_in_test) over (
                    partition by page_key, has_metadata, has_title
                    order by event_date, run_number
                )
                and metadata_hash = lag(metadata_hash) over (
                    partition by page_key, has_metadata, has_title
                    order by event_date, run_number
                )
                then 0
            else 1
        end as is_change
    from page_days
),

numbered as (
    select
        *,
        sum(is_change) over (
            partition by page_key, has_metadata, has_title
            order by event_date, run_number
            rows between unbounded preceding and current row
        ) as number_in_page
    from compared
),

final as (
    select
        ---------- ids
        page_key,
        site_id,
        post_id,

        ---------- text
        metadata_hash,
        min(page_url) as page_url,
        canonical_url,
        page_type,
        title,
        section,
        authors,
        tags,
        image_url,
        thumb_url,
        custom_metadata,

        ---------- numbers
        cast(number_in_page as bigint) as run_number,
        word_count,

        ---------- booleans
        has_metadata,
        is_in_test,

        ---------- times
        published_at,
        max(case when is_change = 1 then saved_at end) as saved_at,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_viewed_at) as first_viewed_at
    from numbered
    group by
        page_key, site_id, post_id, metadata_hash, canonical_url, page_type, title, section, authors,
        tags, image_url, thumb_url, custom_metadata, number_in_page, word_count, has_metadata,
        is_in_test, published_at
)

select * from final
