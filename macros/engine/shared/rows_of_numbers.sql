{# A relation with one number column and a row for each integer from the first to the last. #}
{% macro rows_of_numbers(column, first, last) -%}
    {%- for number in range(first, last + 1) %}
    select {{ number }} as {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
