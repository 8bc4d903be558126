{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='page_key',
    meta={'touched_reach': 'page'},
    pre_hook="{{ claim_loads() }}",
    on_schema_change='fail',
) }}

-- Which post a page is, for pages that some record names; any other page is its own post. The
-- rule is told in macros/incremental/namings.sql.
with event_rows as (
    select * from {{ ref('stg_event_rows') }} where is_valid
),

namings as (
    {{ namings('event_rows') }}
),

pages as (
    select distinct page_key
    from namings
    where {{ is_touched('page_key', reach='page') }}
),

names as (
    select
        page_key,
        named_post_key,
        is_own,
        max(event_at) as named_at
    from namings
    where
        page_key in (select pages.page_key from pages)
        or page_key in (
            select pointers.named_post_key
            from namings as pointers
            inner join pages on pointers.page_key = pages.page_key
        )
    group by page_key, named_post_key, is_own
),

ranked as (
    select
        *,
        row_number() over (partition by page_key order by {{ name_order('named_at') }})
            as name_rank
    from names
),

named as (
    select * from ranked where name_rank = 1
),

final as (
    select
        named.page_key,
        coalesce(canonical_names.named_post_key, named.named_post_key) as post_key
    from named
    inner join pages on named.page_key = pages.page_key
    left join named as canonical_names on named.named_post_key = canonical_names.page_key
)

select * from final
