{# The order of metadata: by event time, then by save time, then by a hash of its content. #}
{% macro metadata_order(recorded_at) -%}
    {{ recorded_at }}, coalesce(saved_at, cast('0001-01-01' as timestamp)), metadata_hash
{%- endmacro %}
