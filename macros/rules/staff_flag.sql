{# Condition: the record has one of the staff_keys with a value that means yes. #}
{% macro staff_flag(extra_data) -%}
    (
        false
        {%- for key in var('staff_keys') %}
        or coalesce(lower({{ json_text(extra_data, key) }}) in ('true', 'yes', '1'), false)
        {%- endfor %}
    )
{%- endmacro %}
