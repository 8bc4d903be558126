{#
    Rows of files that were replaced.

    When a load brings another version of a file, the loader takes the rows of the older one out
    of the raw tables and notes the load in raw.files as `replaced_by`, all in the commit that
    finishes the load. Here the older rows are marked in the transaction that claims the load: from
    then on they count for nothing, and what they touched is touched by the load that replaced them.
#}

{# pre-hook of base_event_rows, after claim_loads(): mark the rows that the claimed loads replaced,
   and drop those marked earlier that every model has seen go. #}
{% macro mark_replaced_rows() -%}
    {%- set files = source('raw', 'files') -%}
    {%- if execute and is_incremental() and not flags.EMPTY %}
        delete from {{ this }}
        where replaced_by_load_id is not null and replaced_by_load_id in ({{ loads_processed_by_all() }});

        update {{ this }}
        set replaced_by_load_id = (
            select max(files.replaced_by)
            from {{ files }} as files
            where files._dlt_load_id = load_id and files.file = file_url
        )
        where
            load_id in (
                select files._dlt_load_id
                from {{ files }} as files
                where files.replaced_by in {{ claimed_loads() }}
            )
            and replaced_by_load_id is null
            and exists (
                select 1
                from {{ files }} as files
                where
                    files._dlt_load_id = load_id
                    and files.file = file_url
                    and files.replaced_by in {{ claimed_loads() }}
            )
    {%- endif -%}
{%- endmacro %}
