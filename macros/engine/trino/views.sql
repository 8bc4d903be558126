{# CTEs and views are worked into every query that reads them, as on Spark. #}
{% macro trino__materialization_of_wide_view() -%}
    {{ return('table') }}
{%- endmacro %}
