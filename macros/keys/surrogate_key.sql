{# Surrogate key from business fields: a hash of their texts, separated by a control character,
   with another for null. The validation rules keep control characters out of the ids that keys are
   made of. Names that end with `_at` are timestamps. #}
{% macro surrogate_key(fields) -%}
    {%- set texts = [] -%}
    {%- for field in fields -%}
        {%- set text -%}
        {%- if field.endswith('_at') -%}
        {{ readership.timestamp_in_key(field) }}
        {%- else -%}
        cast({{ field }} as {{ dbt.type_string() }})
        {%- endif -%}
        {%- endset -%}
        {%- do texts.append('coalesce(' ~ text ~ ', chr(30))') -%}
    {%- endfor -%}
    {{ readership.key_of_hash(readership.md5_text(readership.separated_texts('chr(31)', texts))) }}
{%- endmacro %}
