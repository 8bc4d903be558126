{# Surrogate key from business fields: a hash of their texts, separated by a control character,
   with another for null. The validation rules keep control characters out of the ids that keys are
   made of. #}
{% macro surrogate_key(fields) -%}
    {%- set hash -%}
    md5(concat_ws(
        chr(31)
        {%- for field in fields %},
        coalesce(cast({{ field }} as {{ dbt.type_string() }}), chr(30))
        {%- endfor %}
    ))
    {%- endset -%}
    {{ readership.key_of_hash(hash) }}
{%- endmacro %}
