{{ config(materialized='view') }}

-- One row per valid raw row of an event for which another copy is kept.
with copies as (
    select * from {{ ref('base_event_copies') }}
),

final as (
    select
        event_key,
        site_id,
        action,
        load_id,
        file_url,
        line_number,
        copy_rank,
        event_at,
        received_at
    from copies
    where copy_rank > 1
)

select * from final
