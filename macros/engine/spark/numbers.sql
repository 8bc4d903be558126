{# Spark rounds the decimal digits of a number, the other engines the number itself. See
   postgres__rounded() for the number that is added. #}
{% macro spark__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as double)' -%}
    sign({{ number }})
    * cast(floor(abs({{ number }}) * 1e{{ decimals }} + 0.49999999999999994D) as double)
    / 1e{{ decimals }}
{%- endmacro %}


{# Other engines write exponents of two digits, from 1e-05 down. #}
{% macro spark__double_to_text(column) -%}
    {%- set text = 'cast(' ~ column ~ ' as string)' -%}
    case
        when {{ text }} like '%E-4' then {{ readership.spark__json_float(text) }}
        else regexp_replace(replace({{ text }}, '.0E', 'E'), 'E-([0-9])$', 'e-0$1')
    end
{%- endmacro %}


{% macro spark__count_distinct_rows(columns) -%}
    count(distinct struct({{ columns | join(', ') }}))
{%- endmacro %}
