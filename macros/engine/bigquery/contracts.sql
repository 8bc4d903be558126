{# Contracts use DuckDB's type names. These overrides of dbt's macros translate them. #}
{% macro bigquery__get_empty_schema_sql(columns) -%}
    {{ return(dbt.default__get_empty_schema_sql(
        adapter.nest_column_data_types(readership.bigquery__typed_columns(columns))
    )) }}
{%- endmacro %}

{% macro bigquery__get_table_columns_and_constraints() -%}
    {%- do readership.bigquery__typed_columns(model['columns']) -%}
    {{ return(dbt.default__get_table_columns_and_constraints()) }}
{%- endmacro %}

{# Columns by name, with the types translated in place. #}
{% macro bigquery__typed_columns(columns) -%}
    {%- for column in columns.values() -%}
        {%- do column.update({'data_type': readership.bigquery__type_of_contract(column['data_type'])}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{% macro bigquery__type_of_contract(type) -%}
    {{ return({
        'varchar': 'string',
        'uuid': 'string',
        'double': 'float64',
        'bigint': 'int64',
        'integer': 'int64',
    }.get(type, type)) }}
{%- endmacro %}
