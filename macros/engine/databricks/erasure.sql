{# There are no temporary tables that last from one statement to the next. #}
{% macro databricks__refuse_erasure() -%}
    {{ exceptions.raise_compiler_error("erase_visitors does not work on Databricks yet") }}
{%- endmacro %}
