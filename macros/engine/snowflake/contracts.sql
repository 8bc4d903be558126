{# Contracts use DuckDB's type names. These overrides of dbt's contract macros translate the one that
   Snowflake has not. #}
{% macro snowflake__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(readership.snowflake__typed_columns(columns))) }}
{%- endmacro %}

{% macro snowflake__get_table_columns_and_constraints() -%}
    {%- do readership.snowflake__typed_columns(model['columns']) -%}
    {{ return(dbt.default__get_table_columns_and_constraints()) }}
{%- endmacro %}

{# Columns by name, with the types translated in place. #}
{% macro snowflake__typed_columns(columns) -%}
    {%- for column in columns.values() if column['data_type'] == 'uuid' -%}
        {%- do column.update({'data_type': 'varchar'}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
