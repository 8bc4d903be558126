{# A relation of one number column with a row for each whole number from the first to the last. #}
{% macro rows_of_numbers(column, first, last) -%}
    {%- for number in range(first, last + 1) %}
    select {{ number }} as {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
