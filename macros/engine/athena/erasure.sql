{# There are no temporary tables. #}
{% macro athena__refuse_erasure() -%}
    {{ exceptions.raise_compiler_error("erase_visitors does not work on Athena yet") }}
{%- endmacro %}
