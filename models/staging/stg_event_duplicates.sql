{{ config(materialized='view') }}

-- One row per valid raw row that tells of an event another copy already counts for.
with event_rows as (
    select * from {{ ref('stg_event_rows') }} where is_valid
),

ranked as (
    select
        *,
        row_number() over (partition by event_key order by {{ copy_order() }}) as copy_rank
    from event_rows
),

final as (
    select
        event_key,
        site_id,
        event_id,
        action,
        load_id,
        file_url,
        line_number,
        copy_rank,
        event_at,
        received_at
    from ranked
    where copy_rank > 1
)

select * from final
