{# Contracts use DuckDB's type names. The type of Spark that each is. #}
{% macro spark__type_of_contract(type) -%}
    {{ return({
        'varchar': 'string',
        'text': 'string',
        'uuid': 'string',
        'integer': 'int',
        'timestamp': 'timestamp_ntz',
    }.get(type | lower, type | lower)) }}
{%- endmacro %}


{# Stops when the columns of a query, as spark__columns_of_query() returns them, are not those of the
   contract: names, order and types. dbt's own check would have the engine plan the query, which
   takes longer than to read it. #}
{% macro spark__check_contract(found) -%}
    {%- if config.get('contract').enforced -%}
        {%- set wanted = [] -%}
        {%- for column in model.columns.values() -%}
            {%- do wanted.append((
                column.name | lower, readership.spark__type_of_contract(column.data_type)
            )) -%}
        {%- endfor -%}
        {%- set missing = wanted | reject('in', found) | list -%}
        {%- set unknown = found | reject('in', wanted) | list -%}
        {%- if missing or unknown -%}
            {{ exceptions.raise_compiler_error(
                "This model has an enforced contract that failed: of the contract "
                ~ tojson(missing) ~ " is not in the query, which has " ~ tojson(unknown)
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
