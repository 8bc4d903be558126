{% macro trino__time_of_engine() -%}
    cast(at_timezone(current_timestamp, 'UTC') as timestamp(6))
{%- endmacro %}
