{# The type of a 64-bit floating-point number. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'readership')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}


{# The type of surrogate keys: 128 bits, in the engine's most compact type. #}
{% macro type_key() -%}
    {{ return(adapter.dispatch('type_key', 'readership')()) }}
{%- endmacro %}

{% macro default__type_key() -%}
    {{ dbt.type_string() }}
{%- endmacro %}

{% macro duckdb__type_key() -%}
    uuid
{%- endmacro %}

{% macro postgres__type_key() -%}
    uuid
{%- endmacro %}
