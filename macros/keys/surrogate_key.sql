{# One surrogate key from business fields: a hash of their texts, set apart by a control
   character, a null standing as another. The rules of a valid event keep control characters out
   of the ids that keys are made of. #}
{% macro surrogate_key(fields) -%}
    {%- set hash -%}
    md5(concat_ws(
        chr(31)
        {%- for field in fields %},
        coalesce(cast({{ field }} as {{ dbt.type_string() }}), chr(30))
        {%- endfor %}
    ))
    {%- endset -%}
    cast({{ hash }} as {{ readership.type_key() }})
{%- endmacro %}
