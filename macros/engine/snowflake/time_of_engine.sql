{% macro snowflake__time_of_engine() -%}
    sysdate()
{%- endmacro %}
