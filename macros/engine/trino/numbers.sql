{# In floating point and half away from zero, by the digits that the other engines look at. See
   postgres__rounded() for the number that is added; without an exponent it would be a decimal. #}
{% macro trino__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as double)' -%}
    sign({{ number }}) * floor(abs({{ number }}) * 1e{{ decimals }} + 4.9999999999999994e-1)
    / 1e{{ decimals }}
{%- endmacro %}


{# The text of a cast has an exponent always, that of JSON as Java's. Other engines write exponents of
   two digits, from 1e-05 down. #}
{% macro trino__double_to_text(column) -%}
    {%- set text = 'json_format(cast(' ~ column ~ ' as json))' -%}
    case
        when {{ text }} like '%E-4' then {{ readership.trino__json_float(text) }}
        else regexp_replace(replace({{ text }}, '.0E', 'E'), 'E-([0-9])\z', 'e-0$1')
    end
{%- endmacro %}


{# least() and greatest() are null when one value is. #}
{% macro trino__least_of(values) -%}
    {{ return(readership.of_two('least', values)) }}
{%- endmacro %}

{% macro trino__greatest_of(values) -%}
    {{ return(readership.of_two('greatest', values)) }}
{%- endmacro %}


{# There is no percentile_cont(). Nulls are last in the sorted list. #}
{% macro trino__median_of(expression) -%}
    {%- set sorted = 'array_agg(' ~ expression ~ ' order by ' ~ expression ~ ')' -%}
    case
        when count({{ expression }}) > 0
            then (
                element_at({{ sorted }}, (count({{ expression }}) + 1) / 2)
                + element_at({{ sorted }}, count({{ expression }}) / 2 + 1)
            ) / 2e0
    end
{%- endmacro %}
