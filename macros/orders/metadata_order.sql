{# The order in which metadata was told: by event time, then by when it was saved, then by a hash
   of what it says. #}
{% macro metadata_order(recorded_at) -%}
    {{ recorded_at }}, coalesce(saved_at, cast('0001-01-01' as timestamp)), metadata_hash
{%- endmacro %}
