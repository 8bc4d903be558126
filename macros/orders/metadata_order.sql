{# The order of metadata: by event time, then by save time, then by a hash of its content. #}
{% macro metadata_order(recorded_at) -%}
    {{ recorded_at }},
    coalesce(saved_at, {{ readership.as_timestamp("'0001-01-01'") }}),
    metadata_hash
{%- endmacro %}
