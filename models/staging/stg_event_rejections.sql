{{ config(materialized='table') }}

-- One row per refused raw row, with the rules it broke. A table, because several models read the few
-- refused rows, and to find them is to look through all.
with event_rows as (
    select * from {{ ref('stg_event_rows') }}
),

final as (
    select
        site_id,
        action,
        broken_rules,
        load_id,
        file_url,
        line_number,
        event_at,
        received_at
    from event_rows
    where not is_valid
)

select * from final
