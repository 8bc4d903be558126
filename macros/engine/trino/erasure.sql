{# There are no temporary tables. #}
{% macro trino__refuse_erasure() -%}
    {{ exceptions.raise_compiler_error("erase_visitors does not work on Trino yet") }}
{%- endmacro %}
