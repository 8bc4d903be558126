{{ config(materialized='view') }}

-- One narrow row per current raw row: the key table without the rows of replaced files.
with event_rows as (
    select * from {{ ref('base_event_rows') }}
),

final as (
    select
        ---------- ids
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        referrer_page_key,
        canonical_page_key,
        named_post_key,
        load_id,
        site_id,

        ---------- text
        action,
        broken_rules,
        file_url,

        ---------- numbers
        line_number,

        ---------- booleans
        is_valid,

        ---------- times
        event_at,
        event_hour_at,
        event_date,
        received_at
    from event_rows
    where replaced_by_load_id is null
)

select * from final
