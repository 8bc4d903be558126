-- The account of every load: each line and each event of it that is in force is in exactly one of
-- the counts.
with stg_loads as (
    select * from {{ ref('stg_loads') }}
),

stg_event_rows as (
    select * from {{ ref('stg_event_rows') }}
),

stg_events as (
    select * from {{ ref('stg_events') }}
),

stg_event_rejections as (
    select * from {{ ref('stg_event_rejections') }}
),

valid as (
    select
        load_id,
        count(*) as valid_events,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from stg_event_rows
    where is_valid
    group by load_id
),

staged as (
    select
        load_id,
        count(*) as staged_events
    from stg_events
    group by load_id
),

refused as (
    select
        load_id,
        count(*) as refused_events
    from stg_event_rejections
    group by load_id
),

final as (
    select
        stg_loads.load_id,
        stg_loads.files,
        stg_loads.broken_files,
        stg_loads.replaced_files,
        stg_loads.size_bytes,
        stg_loads.lines,
        stg_loads.blank_lines,
        stg_loads.replaced_lines,
        stg_loads.rejected_lines,
        stg_loads.events,
        coalesce(staged.staged_events, 0) as staged_events,
        coalesce(refused.refused_events, 0) as refused_events,
        -- What is valid and not staged has another copy that is; stg_event_duplicates names it.
        coalesce(valid.valid_events, 0) - coalesce(staged.staged_events, 0) as duplicate_events,
        stg_loads.finished_at,
        valid.first_event_at,
        valid.last_event_at
    from stg_loads
    left join valid on stg_loads.load_id = valid.load_id
    left join staged on stg_loads.load_id = staged.load_id
    left join refused on stg_loads.load_id = refused.load_id
)

select * from final
