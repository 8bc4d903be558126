{# The type of a floating-point number of 64 bits. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'readership')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}
