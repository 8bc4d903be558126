{# A number rounded to some decimals, halves away from zero, in floating point on every engine. #}
{% macro rounded(expression, decimals) -%}
    {{ return(adapter.dispatch('rounded', 'readership')(expression, decimals)) }}
{%- endmacro %}

{% macro duckdb__rounded(expression, decimals) -%}
    round(cast({{ expression }} as double), {{ decimals }})
{%- endmacro %}

{# round() takes halves of floating-point numbers to the even side here, and has no decimals for
   them. The number added is the greatest below one half: with one half itself, what is a little
   less than a half would go up too. #}
{% macro postgres__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as double precision)' -%}
    sign({{ number }})
    * floor(abs({{ number }}) * 1e{{ decimals }} + cast('0.49999999999999994' as double precision))
    / 1e{{ decimals }}
{%- endmacro %}


{# A floating-point number as text, the same on every engine for what coordinates may be. #}
{% macro double_to_text(column) -%}
    {{ return(adapter.dispatch('double_to_text', 'readership')(column)) }}
{%- endmacro %}

{% macro default__double_to_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro postgres__double_to_text(column) -%}
    regexp_replace(cast({{ column }} as text), '^(-?[0-9]+)$', '\1.0')
{%- endmacro %}


{# How many distinct rows some columns have in a group; two nulls are the same. #}
{% macro count_distinct_rows(columns) -%}
    {{ return(adapter.dispatch('count_distinct_rows', 'readership')(columns)) }}
{%- endmacro %}

{% macro default__count_distinct_rows(columns) -%}
    count(distinct row({{ columns | join(', ') }}))
{%- endmacro %}
