{#
    Rows of replaced files.

    When a load brings another version of a file, the loader deletes the rows of the older version
    from the raw tables and records the load in raw.files as `replaced_by`, in the commit that
    finishes the load. The model that claims the load marks the older rows here. From then on they are
    ignored, and the keys they affected are affected by the load that replaced them.
#}

{# Pre-hook of base_event_rows, after claim_loads(): marks the rows that the claimed loads
   replaced, and deletes those marked earlier once every model has processed the replacement. #}
{% macro mark_replaced_rows() -%}
    {%- set files = files_source() -%}
    {%- if execute and is_incremental() and not flags.EMPTY %}
        {%- do run_statement(deletion_of_rows_among(
            this,
            'replaced_by_load_id',
            '(' ~ loads_processed_by_all() ~ ')',
            also='replaced_by_load_id is not null'
        )) %}
        {{ readership.marking_of_replaced_rows(files) }}
    {%- endif -%}
{%- endmacro %}


{# Statement: marks the rows whose file a claimed load has replaced. #}
{% macro marking_of_replaced_rows(files) -%}
    {{ return(adapter.dispatch('marking_of_replaced_rows', 'readership')(files)) }}
{%- endmacro %}

{#- A join, so that an engine with statistics of its blocks opens none when no file was replaced. -#}
{% macro default__marking_of_replaced_rows(files) -%}
    update {{ this }}
    set replaced_by_load_id = replaced.by_load_id
    from (
        select
            files._dlt_load_id as old_load_id,
            files.file as old_file_url,
            max(files.replaced_by) as by_load_id
        from {{ files }} as files
        where files.replaced_by in {{ claimed_loads() }}
        group by files._dlt_load_id, files.file
    ) as replaced
    where
        load_id = replaced.old_load_id
        and file_url = replaced.old_file_url
        and replaced_by_load_id is null
{%- endmacro %}
