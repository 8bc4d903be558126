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


{# Placed after `as` of a CTE that hashes its rows and is read more than once. DuckDB works it into
   each reader otherwise, and hashes twice. #}
{% macro materialized() -%}
    {{ return(adapter.dispatch('materialized', 'readership')()) }}
{%- endmacro %}

{% macro default__materialized() -%}
{%- endmacro %}

{% macro duckdb__materialized() -%}
    materialized
{%- endmacro %}


{# `union` without repeated rows. #}
{% macro union_distinct() -%}
    {{ return(adapter.dispatch('union_distinct', 'readership')()) }}
{%- endmacro %}

{% macro default__union_distinct() -%}
    union
{%- endmacro %}


{# What stands before the `where` of a query that reads nothing. #}
{% macro from_nothing() -%}
    {{ return(adapter.dispatch('from_nothing', 'readership')()) }}
{%- endmacro %}

{% macro default__from_nothing() -%}
{%- endmacro %}


{# The CTE of a `from` clause whose columns later CTEs use many times, with its name there. An engine
   that would put its expressions wherever their columns are named, and compute them again for each,
   computes them once. #}
{% macro computed_once(cte, alias=none) -%}
    {{ return(adapter.dispatch('computed_once', 'readership')(cte, alias)) }}
{%- endmacro %}

{% macro default__computed_once(cte, alias) -%}
    {{ cte }}{{ ' as ' ~ alias if alias }}
{%- endmacro %}

{#- A query with CTEs of its own is not merged into the one that reads it, but conditions on its
    columns are, unlike with `offset 0`. -#}
{% macro postgres__computed_once(cte, alias) -%}
    (with {{ cte }}_once as (select * from {{ cte }}) select * from {{ cte }}_once) as {{ alias or cte }}
{%- endmacro %}
