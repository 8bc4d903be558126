{% macro athena__time_of_engine() -%}
    {{ return(readership.trino__time_of_engine()) }}
{%- endmacro %}
