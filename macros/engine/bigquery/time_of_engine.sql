{% macro bigquery__time_of_engine() -%}
    current_timestamp()
{%- endmacro %}
