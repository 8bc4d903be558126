{{ config(enabled=var('source_kind') == 'loader') }}

-- Law 2: only one complete version of a file is current, and no version has two ledger rows except
-- for replayed lines. A truncated version may coexist with a complete one; events in both are
-- dropped as duplicates.
with files as (
    select * from {{ source('raw', 'files') }}
),

loads as (
    select * from {{ ref('stg_loads') }}
),

in_force as (
    select files.*
    from files
    inner join loads on files._dlt_load_id = loads.load_id
    where
        files.replaced_by is null
        and files.lines > 0
        and files.status <> 'replayed'
),

several_whole as (
    select
        file,
        cast(null as {{ dbt.type_string() }}) as version,
        count(*) as accounts
    from in_force
    where status = 'loaded'
    group by file
    having count(*) > 1
),

one_version_twice as (
    select
        file,
        version,
        count(*) as accounts
    from in_force
    group by file, version
    having count(*) > 1
)

select * from several_whole
union all
select * from one_version_twice
