{# Placed after `as` of a CTE that is read more than once: the engine should inline it, so that
   each reader scans only what it needs of a large table. Engines that would materialize it first
   need a keyword. #}
{% macro not_materialized() -%}
    {{ return(adapter.dispatch('not_materialized', 'readership')()) }}
{%- endmacro %}

{% macro default__not_materialized() -%}
{%- endmacro %}

{% macro duckdb__not_materialized() -%}
    not materialized
{%- endmacro %}

{% macro postgres__not_materialized() -%}
    not materialized
{%- endmacro %}
