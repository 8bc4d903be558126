{#
    Contracts use DuckDB's type names. These two overrides of dbt's contract macros translate them
    to PostgreSQL's.
#}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(readership.postgres__typed_columns(columns))) }}
{%- endmacro %}

{% macro postgres__get_table_columns_and_constraints() -%}
    {%- do readership.postgres__typed_columns(model['columns']) -%}
    {{ return(dbt.default__get_table_columns_and_constraints()) }}
{%- endmacro %}

{# Columns by name, with the types translated in place. #}
{% macro postgres__typed_columns(columns) -%}
    {%- for column in columns.values() if column['data_type'] == 'double' -%}
        {%- do column.update({'data_type': 'double precision'}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# Overrides dbt's detection of changed column types in incremental models: text and varchar are
   the same type. #}
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
