{# The time zone of a site: from the seed sites, else the default. #}
{% macro site_time_zone(sites) -%}
    coalesce({{ sites }}.time_zone, '{{ var("default_time_zone") }}')
{%- endmacro %}
