{# The segment that a record tells of: the first key of segment_keys that is filled in its
   extra_data; null when none is. #}
{% macro segment(extra_data) -%}
    coalesce(
        {%- for key in var('segment_keys') %}
        {{ filled(json_text(extra_data, key)) }},
        {%- endfor %}
        cast(null as {{ dbt.type_string() }})
    )
{%- endmacro %}
