{# One surrogate key from business fields: a hash of their texts, set apart so that neither
   a null nor a separator inside a value can make two different rows alike. #}
{% macro surrogate_key(fields) -%}
    md5(
        {%- for field in fields %}
        coalesce(cast({{ field }} as {{ dbt.type_string() }}), chr(30))
        {%- if not loop.last %} || chr(31) ||{% endif %}
        {%- endfor %}
    )
{%- endmacro %}
