{# There are no temporary tables. #}
{% macro trino__has_temporary_tables() -%}
    {{ return(false) }}
{%- endmacro %}


{# Rows of other tables are brought in by merges. #}
{% macro trino__deletion_of_erased_rows(relation) -%}
    merge into {{ relation }} as stored
    using (
        select distinct load_id, file_url, line_number
        from {{ readership.list_of_erased('rows') }}
    ) as erased
        on
            stored._dlt_load_id = erased.load_id
            and stored._file = erased.file_url
            and stored._line = erased.line_number
    when matched then delete
{%- endmacro %}
