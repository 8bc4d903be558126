{# Placed after `as` of a CTE that is read more than once: the engine should inline it, so that
   each reader scans only what it needs of a large table. Engines that would materialize it first
   need a keyword. #}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'readership')()) }}
{%- endmacro %}

{% macro default__inlined() -%}
{%- endmacro %}

{% macro duckdb__inlined() -%}
    not materialized
{%- endmacro %}

{% macro postgres__inlined() -%}
    not materialized
{%- endmacro %}
