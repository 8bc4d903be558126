{% macro trino__type_double() -%}
    double
{%- endmacro %}


{% macro trino__md5_text(expression) -%}
    lower(to_hex(md5(to_utf8({{ expression }}))))
{%- endmacro %}


{% macro trino__key_of_hash(hash) -%}
    regexp_replace({{ hash }}, '(.{8})(.{4})(.{4})(.{4})(.{12})', '$1-$2-$3-$4-$5')
{%- endmacro %}
