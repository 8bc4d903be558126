{{ config(materialized='view') }}

-- One row per finished load, with the counts of the loader's ledger for its current files. Files
-- that a later load replaced are counted separately; the raw tables no longer have their lines.
with source_loads as (
    {{ loads_source() }}
),

source_files as (
    select * from {{ files_source() }}{{ ' as files' if reads_table() }}
),

finished as (
    select
        load_id,
        min(inserted_at) as finished_at
    from source_loads
    where status = 0
    group by load_id
),

files as (
    select
        _dlt_load_id as load_id,
        count(case when replaced_by is null then 1 end) as files,
        count(
            case
                when replaced_by is null and status not in ('loaded', 'replayed') then 1
            end
        ) as broken_files,
        count(replaced_by) as replaced_files,
        -- Replayed lines belong to a file that is already counted.
        cast(
            sum(case when replaced_by is null and status <> 'replayed' then size_bytes end)
            as bigint
        ) as size_bytes,
        cast(sum(case when replaced_by is null then lines end) as bigint) as lines,
        cast(sum(case when replaced_by is null then events end) as bigint) as events,
        cast(sum(case when replaced_by is null then rejected end) as bigint) as rejected_lines,
        cast(sum(case when replaced_by is null then blank end) as bigint) as blank_lines,
        cast(sum(case when replaced_by is not null then lines end) as bigint) as replaced_lines
    from source_files
    group by _dlt_load_id
),

final as (
    select
        finished.load_id,
        coalesce(files.files, 0) as files,
        coalesce(files.broken_files, 0) as broken_files,
        coalesce(files.replaced_files, 0) as replaced_files,
        coalesce(files.size_bytes, 0) as size_bytes,
        coalesce(files.lines, 0) as lines,
        coalesce(files.events, 0) as events,
        coalesce(files.rejected_lines, 0) as rejected_lines,
        coalesce(files.blank_lines, 0) as blank_lines,
        coalesce(files.replaced_lines, 0) as replaced_lines,
        {{ as_timestamp(at_utc('finished.finished_at')) }} as finished_at
    from finished
    left join files on finished.load_id = files.load_id
)

select * from final
