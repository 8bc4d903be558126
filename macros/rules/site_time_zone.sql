{# The time zone of a site: as listed in the seed sites, else the default. #}
{% macro site_time_zone(sites) -%}
    coalesce({{ sites }}.time_zone, '{{ var("default_time_zone") }}')
{%- endmacro %}
