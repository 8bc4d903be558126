{% macro bigquery__union_distinct() -%}
    union distinct
{%- endmacro %}


{% macro bigquery__from_nothing() -%}
    from (select 1)
{%- endmacro %}
