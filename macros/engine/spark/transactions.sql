{% macro spark__format_of_tables() -%}
    {{ return(' using iceberg') }}
{%- endmacro %}
