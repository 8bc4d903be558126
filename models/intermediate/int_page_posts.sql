{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='page_key',
    pre_hook="{{ claim_loads() }}",
    on_schema_change='fail',
) }}

-- Which post a page is, for pages that some record names; any other page is its own post. The
-- page's own records come before those that call it canonical, the newest before the older.
with event_rows as (
    select * from {{ ref('stg_event_rows') }} where is_valid
),

namings as (
    {{ namings('event_rows') }}
),

ranked as (
    select
        page_key,
        named_post_key,
        row_number() over (
            partition by page_key
            order by is_own desc, event_at desc, named_post_key
        ) as naming_rank
    from namings
    {%- if is_incremental() %}
    where page_key in (
        select named.page_key from namings as named where named.load_id in {{ claimed_loads() }}
    )
    {%- endif %}
),

final as (
    select
        page_key,
        named_post_key as post_key
    from ranked
    where naming_rank = 1
)

select * from final
