{# A number rounded to some decimals, half away from zero, in floating point on every engine. #}
{% macro rounded(expression, decimals) -%}
    {{ return(adapter.dispatch('rounded', 'readership')(expression, decimals)) }}
{%- endmacro %}

{% macro duckdb__rounded(expression, decimals) -%}
    round(cast({{ expression }} as double), {{ decimals }})
{%- endmacro %}

{# PostgreSQL's round() rounds floating-point halves to even and takes no decimals. The number
   added is the largest below one half: adding one half would also round up values slightly below
   it. #}
{% macro postgres__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as double precision)' -%}
    sign({{ number }})
    * floor(abs({{ number }}) * 1e{{ decimals }} + cast('0.49999999999999994' as double precision))
    / 1e{{ decimals }}
{%- endmacro %}


{# A floating-point number as text, the same on every engine within the range of coordinates. #}
{% macro double_to_text(column) -%}
    {{ return(adapter.dispatch('double_to_text', 'readership')(column)) }}
{%- endmacro %}

{% macro default__double_to_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro postgres__double_to_text(column) -%}
    regexp_replace(cast({{ column }} as text), '^(-?[0-9]+)$', '\1.0')
{%- endmacro %}


{# The number of distinct combinations of some columns in a group; nulls are equal. #}
{% macro count_distinct_rows(columns) -%}
    {{ return(adapter.dispatch('count_distinct_rows', 'readership')(columns)) }}
{%- endmacro %}

{% macro default__count_distinct_rows(columns) -%}
    count(distinct row({{ columns | join(', ') }}))
{%- endmacro %}


{# The least of some values; nulls are left out. #}
{% macro least_of(values) -%}
    {{ return(adapter.dispatch('least_of', 'readership')(values)) }}
{%- endmacro %}

{% macro default__least_of(values) -%}
    least({{ values | join(', ') }})
{%- endmacro %}


{# The greatest of some values; nulls are left out. #}
{% macro greatest_of(values) -%}
    {{ return(adapter.dispatch('greatest_of', 'readership')(values)) }}
{%- endmacro %}

{% macro default__greatest_of(values) -%}
    greatest({{ values | join(', ') }})
{%- endmacro %}


{# The median of a group, between the two values in the middle when there are two. #}
{% macro median_of(expression) -%}
    {{ return(adapter.dispatch('median_of', 'readership')(expression)) }}
{%- endmacro %}

{% macro default__median_of(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}
