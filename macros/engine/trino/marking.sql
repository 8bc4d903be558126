{# The merge that BigQuery has: a subquery of several columns is not read. #}
{% macro trino__marking_of_replaced_rows(files) -%}
    {{ return(readership.bigquery__marking_of_replaced_rows(files)) }}
{%- endmacro %}
