-- Law 1: the lines of each file are its events, its rejected lines and its blank lines, and the
-- raw tables hold as many of each as the ledger says.
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
    select files.*
    from files
    inner join loads on files._dlt_load_id = loads.load_id
)

select
    finished_files.file,
    finished_files.lines,
    finished_files.events,
    finished_files.rejected,
    finished_files.blank,
    coalesce(raw_events.events, 0) as events_found,
    coalesce(raw_rejected.rejected, 0) as rejected_found
from finished_files
left join raw_events
    on
        finished_files._dlt_load_id = raw_events.load_id
        and finished_files.file = raw_events.file_url
left join raw_rejected
    on
        finished_files._dlt_load_id = raw_rejected.load_id
        and finished_files.file = raw_rejected.file_url
where
    finished_files.lines
    <> finished_files.events + finished_files.rejected + finished_files.blank
    or finished_files.events <> coalesce(raw_events.events, 0)
    or finished_files.rejected <> coalesce(raw_rejected.rejected, 0)
