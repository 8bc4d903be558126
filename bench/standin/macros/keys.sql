{# An md5 of texts, as dbt packages make their keys. #}
{% macro key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as text), '_null_'){{ " || '-' || " if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

