{% macro snowflake__key_of_hash(hash) -%}
    regexp_replace({{ hash }}, '(.{8})(.{4})(.{4})(.{4})(.{12})', '\\1-\\2-\\3-\\4-\\5')
{%- endmacro %}
