{# In floating point and half away from zero, by the digits that the other engines look at. See
   postgres__rounded() for the number that is added. #}
{% macro snowflake__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as double)' -%}
    {%- set factor = "cast('1e" ~ decimals ~ "' as double)" -%}
    sign({{ number }})
    * floor(abs({{ number }}) * {{ factor }} + cast('0.49999999999999994' as double))
    / {{ factor }}
{%- endmacro %}


{% macro snowflake__double_to_text(column) -%}
    regexp_replace(cast({{ column }} as varchar), '^(-?[0-9]+)$', '\\1.0')
{%- endmacro %}


{# count(distinct a, b) leaves out rows with a null. #}
{% macro snowflake__count_distinct_rows(columns) -%}
    count(distinct to_json(array_construct({{ columns | join(', ') }})))
{%- endmacro %}


{# least() and greatest() are null when one value is. #}
{% macro snowflake__least_of(values) -%}
    least_ignore_nulls({{ values | join(', ') }})
{%- endmacro %}

{% macro snowflake__greatest_of(values) -%}
    greatest_ignore_nulls({{ values | join(', ') }})
{%- endmacro %}
