{# The merge that Spark has. #}
{% macro snowflake__marking_of_replaced_rows(files) -%}
    {{ return(readership.spark__marking_of_replaced_rows(files)) }}
{%- endmacro %}
