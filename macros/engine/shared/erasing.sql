{# What erase_visitors needs of an engine. #}

{# Whether a temporary table lasts until the end of an operation. #}
{% macro has_temporary_tables() -%}
    {{ return(adapter.dispatch('has_temporary_tables', 'readership')()) }}
{%- endmacro %}

{% macro default__has_temporary_tables() -%}
    {{ return(true) }}
{%- endmacro %}


{# The list of what is erased: a temporary table, or one beside the models, which is dropped at the
   end. #}
{% macro list_of_erased(name) -%}
    {%- if readership.has_temporary_tables() -%}
        {{ return('erased_' ~ name) }}
    {%- endif -%}
    {{ return(own_relation('base_event_rows').incorporate(path={'identifier': 'erased_' ~ name})) }}
{%- endmacro %}


{# Statements that make such a list. #}
{% macro creation_of_list(name, query) -%}
    {%- set list = readership.list_of_erased(name) -%}
    {%- if readership.has_temporary_tables() -%}
        {{ return(["create temporary table " ~ list ~ " as " ~ query]) }}
    {%- endif -%}
    {{ return(readership.creation_of_stored_list(list, query)) }}
{%- endmacro %}

{% macro creation_of_stored_list(list, query) -%}
    {{ return(adapter.dispatch('creation_of_stored_list', 'readership')(list, query)) }}
{%- endmacro %}

{% macro default__creation_of_stored_list(list, query) -%}
    {{ return(["create or replace table " ~ list ~ format_of_tables() ~ " as " ~ query]) }}
{%- endmacro %}


{# Statement: deletes the rows of erased events from a raw table. #}
{% macro deletion_of_erased_rows(relation) -%}
    {{ return(adapter.dispatch('deletion_of_erased_rows', 'readership')(relation)) }}
{%- endmacro %}

{% macro default__deletion_of_erased_rows(relation) -%}
    delete from {{ relation }}
    where
        exists (
            select 1
            from {{ readership.list_of_erased('rows') }} as erased
            where
                erased.load_id = _dlt_load_id
                and erased.file_url = _file
                and erased.line_number = _line
        )
{%- endmacro %}


{# Statement: gives the files of finished loads the number of events that are left of them, as their
   lines. #}
{% macro recount_of_files(events) -%}
    {{ return(adapter.dispatch('recount_of_files', 'readership')(
        source('raw', 'files'), readership.files_with_fewer_events(events)
    )) }}
{%- endmacro %}

{% macro files_with_fewer_events(events) -%}
    select
        files._dlt_load_id as load_id,
        files.file as file_url,
        count(landed._line) as remaining
    from {{ source('raw', 'files') }} as files
    inner join {{ source('raw', '_dlt_loads') }} as loads
        on files._dlt_load_id = loads.load_id and loads.status = 0
    left join {{ events }} as landed
        on files._dlt_load_id = landed._dlt_load_id and files.file = landed._file
    where files.replaced_by is null
    group by files._dlt_load_id, files.file, files.events
    having count(landed._line) < files.events
{%- endmacro %}

{% macro default__recount_of_files(files, counted) -%}
    update {{ files }} set lines = lines - (events - counted.remaining), events = counted.remaining
    from ({{ counted }}) as counted
    where _dlt_load_id = counted.load_id and file = counted.file_url and replaced_by is null
{%- endmacro %}


{# Statement: takes the text out of rejected lines that name an erased visitor. #}
{% macro erasure_of_rejected_lines(requests) -%}
    {{ return(adapter.dispatch('erasure_of_rejected_lines', 'readership')(
        source('raw', 'rejected_lines'), requests
    )) }}
{%- endmacro %}

{% macro default__erasure_of_rejected_lines(rejected, requests) -%}
    update {{ rejected }} set line = {{ text_bytes("'(erased)'") }}
    where
        exists (
            select 1
            from {{ requests }} as requests
            where {{ bytes_contain('line', 'requests.visitor_site_id') }}
        )
{%- endmacro %}
