{{ config(enabled=var('source_kind') == 'loader') }}

-- Law 1: rows are removed from the raw tables only when they are replaced. The replacing load is
-- finished and has a ledger row for the same file.
with files as (
    select * from {{ source('raw', 'files') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

replacements as (
    select
        files._dlt_load_id as load_id,
        files.file
    from files
    inner join loads on files._dlt_load_id = loads.load_id
    where files.status <> 'replayed'
)

select
    files.file,
    files.version,
    files._dlt_load_id as load_id,
    files.replaced_by
from files
left join replacements
    on
        files.replaced_by = replacements.load_id
        and files.file = replacements.file
where
    files.replaced_by is not null
    and (replacements.file is null or files.replaced_by = files._dlt_load_id)
