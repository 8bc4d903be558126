{# Each statement is a session of its own, which ends its temporary tables. #}
{% macro bigquery__refuse_erasure() -%}
    {{ exceptions.raise_compiler_error("erase_visitors does not work on BigQuery yet") }}
{%- endmacro %}
