{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}


{% macro bigquery__md5_text(expression) -%}
    to_hex(md5({{ expression }}))
{%- endmacro %}


{% macro bigquery__key_of_hash(hash) -%}
    regexp_replace({{ hash }}, r'(.{8})(.{4})(.{4})(.{4})(.{12})', r'\1-\2-\3-\4-\5')
{%- endmacro %}
