{{ config(enabled=var('source_kind') == 'loader') }}

-- Law 1: for each ledger row, lines = events + rejected lines + blank lines. The raw tables hold
-- the recorded number of each, or none once another version of the file has replaced it.
with files as (
    select * from {{ source('raw', 'files') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

raw_events as (
    select
        _dlt_load_id as load_id,
        _file as file_url,
        count(*) as events
    from {{ source('raw', 'events') }}
    group by _dlt_load_id, _file
),

raw_rejected as (
    select
        _dlt_load_id as load_id,
        _file as file_url,
        count(*) as rejected
    from {{ source('raw', 'rejected_lines') }}
    group by _dlt_load_id, _file
),

finished_files as (
    select
        files.*,
        case when files.replaced_by is null then files.events else 0 end as events_due,
        case when files.replaced_by is null then files.rejected else 0 end as rejected_due
    from files
    inner join loads on files._dlt_load_id = loads.load_id
),

-- Also finds rows of a file that is missing from the ledger.
found as (
    select load_id, file_url from raw_events
    {{ union_distinct() }}
    select load_id, file_url from raw_rejected
    {{ union_distinct() }}
    select _dlt_load_id as load_id, file as file_url from finished_files
)

select
    found.load_id,
    found.file_url,
    finished_files.replaced_by,
    finished_files.lines,
    finished_files.events,
    finished_files.rejected,
    finished_files.blank,
    raw_events.events as events_found,
    raw_rejected.rejected as rejected_found
from found
inner join loads on found.load_id = loads.load_id
left join finished_files
    on
        found.load_id = finished_files._dlt_load_id
        and found.file_url = finished_files.file
left join raw_events
    on found.load_id = raw_events.load_id and found.file_url = raw_events.file_url
left join raw_rejected
    on found.load_id = raw_rejected.load_id and found.file_url = raw_rejected.file_url
where
    finished_files.file is null
    or finished_files.lines
    <> finished_files.events + finished_files.rejected + finished_files.blank
    or finished_files.events_due <> coalesce(raw_events.events, 0)
    or finished_files.rejected_due <> coalesce(raw_rejected.rejected, 0)
