{# After `as` of a CTE that is read more than once: work it into each place that reads it, so that
   each reads of a large table what it needs. Engines that would keep a copy of the whole first
   have a word for it. #}
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
