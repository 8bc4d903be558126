{# The visitor segment recorded on an event: the first key of segment_keys with a value in its
   extra_data; null when none has one. #}
{% macro segment(extra_data) -%}
    coalesce(
        {%- for key in var('segment_keys') %}
        {{ null_if_blank(json_text(extra_data, key)) }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }})
    )
{%- endmacro %}
