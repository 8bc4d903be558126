{% macro spark__time_of_engine() -%}
    cast(current_timestamp() as timestamp_ntz)
{%- endmacro %}
