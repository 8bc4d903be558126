{#
    The types of contracts are told in DuckDB's names. These two macros of dbt's make the statements
    that hold a model to its contract; here they have the engine's names for what is told.
#}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(readership.postgres__typed_columns(columns))) }}
{%- endmacro %}

{% macro postgres__get_table_columns_and_constraints() -%}
    {%- do readership.postgres__typed_columns(model['columns']) -%}
    {{ return(dbt.default__get_table_columns_and_constraints()) }}
{%- endmacro %}

{# Columns by name, their types renamed in place. #}
{% macro postgres__typed_columns(columns) -%}
    {%- for column in columns.values() if column['data_type'] == 'double' -%}
        {%- do column.update({'data_type': 'double precision'}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# dbt's macro that finds changed types of an incremental model: text and varchar are one type. #}
{% macro postgres__diff_column_data_types(source_columns, target_columns) -%}
    {%- set texts = ['text', 'character varying'] -%}
    {%- set changed = [] -%}
    {%- for column in dbt.default__diff_column_data_types(source_columns, target_columns) -%}
        {%- set stored = target_columns | selectattr('name', 'equalto', column.column_name) | first -%}
        {%- if column.new_type not in texts or stored.data_type not in texts -%}
            {%- do changed.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}
