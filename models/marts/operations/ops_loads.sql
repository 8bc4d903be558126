-- Accounts for every load: each of its current lines and events is in exactly one of the counts.
with stg_loads as (
    select * from {{ ref('stg_loads') }}
),

stg_event_rejections as (
    select * from {{ ref('stg_event_rejections') }}
),

row_counts as (
    select * from {{ ref('int_event_row_counts') }}
),

valid as (
    select
        load_id,
        cast(sum(case when copy_kind = 'counts' then event_rows else 0 end) as bigint)
            as staged_events,
        cast(sum(case when copy_kind <> 'counts' then event_rows else 0 end) as bigint)
            as duplicate_events,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from row_counts
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
        coalesce(valid.staged_events, 0) as staged_events,
        coalesce(refused.refused_events, 0) as refused_events,
        coalesce(valid.duplicate_events, 0) as duplicate_events,
        stg_loads.finished_at,
        valid.first_event_at,
        valid.last_event_at
    from stg_loads
    left join valid on stg_loads.load_id = valid.load_id
    left join refused on stg_loads.load_id = refused.load_id
)

select * from final
