{# Contracts use DuckDB's type names. This override of dbt's macro translates them. #}
{% macro athena__get_empty_schema_sql(columns) -%}
    {{ return(readership.trino__get_empty_schema_sql(columns)) }}
{%- endmacro %}
