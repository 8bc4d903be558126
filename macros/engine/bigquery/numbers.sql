{# In floating point and half away from zero, by the digits that the other engines look at. See
   postgres__rounded() for the number that is added. #}
{% macro bigquery__rounded(expression, decimals) -%}
    {%- set number = 'cast(' ~ expression ~ ' as float64)' -%}
    sign({{ number }})
    * floor(abs({{ number }}) * 1e{{ decimals }} + 0.49999999999999994)
    / 1e{{ decimals }}
{%- endmacro %}


{% macro bigquery__double_to_text(column) -%}
    regexp_replace(cast({{ column }} as string), r'^(-?[0-9]+)$', r'\1.0')
{%- endmacro %}


{% macro bigquery__count_distinct_rows(columns) -%}
    count(distinct to_json_string(struct({{ columns | join(', ') }})))
{%- endmacro %}


{# least() and greatest() are null when one value is. #}
{% macro bigquery__least_of(values) -%}
    {{ readership.of_two('least', values) }}
{%- endmacro %}

{% macro bigquery__greatest_of(values) -%}
    {{ readership.of_two('greatest', values) }}
{%- endmacro %}


{# percentile_cont() is for windows alone. #}
{% macro bigquery__median_of(expression) -%}
    {%- set sorted = 'array_agg(' ~ expression ~ ' ignore nulls order by ' ~ expression ~ ')' -%}
    (
        {{ sorted }}[safe_offset(div(count({{ expression }}) - 1, 2))]
        + {{ sorted }}[safe_offset(div(count({{ expression }}), 2))]
    ) / 2
{%- endmacro %}
