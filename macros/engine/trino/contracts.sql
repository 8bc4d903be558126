{# Contracts use DuckDB's type names. These overrides of dbt's macros translate them. #}
{% macro trino__get_empty_schema_sql(columns) -%}
    {%- for column in columns.values() -%}
        {%- do column.update({'data_type': readership.trino__type_of_contract(column['data_type'])}) -%}
    {%- endfor -%}
    {{ return(dbt.default__get_empty_schema_sql(columns)) }}
{%- endmacro %}

{% macro trino__type_of_contract(type) -%}
    {{ return({'uuid': 'varchar', 'text': 'varchar', 'timestamp': 'timestamp(6)'}.get(type, type)) }}
{%- endmacro %}
