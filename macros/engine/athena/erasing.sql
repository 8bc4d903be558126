{# As on Trino, but that nothing is created in the place of something else. #}
{% macro athena__has_temporary_tables() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro athena__creation_of_stored_list(list, query) -%}
    {{ return([
        readership.athena__drop_step(list), readership.athena__table_of_query(list, query)
    ]) }}
{%- endmacro %}

{% macro athena__deletion_of_erased_rows(relation) -%}
    {{ return(readership.trino__deletion_of_erased_rows(relation)) }}
{%- endmacro %}

{% macro athena__recount_of_files(files, counted) -%}
    {{ return(readership.trino__recount_of_files(files, counted)) }}
{%- endmacro %}

{% macro athena__erasure_of_rejected_lines(rejected, requests) -%}
    {{ return(readership.trino__erasure_of_rejected_lines(rejected, requests)) }}
{%- endmacro %}
