{# When a post of dim_posts went live: its publication time, or its first view if that is earlier
   or the publication time is unknown. #}
{% macro live_since(dim_posts) -%}
    case
        when {{ dim_posts }}.published_at < {{ dim_posts }}.first_viewed_at
            then {{ dim_posts }}.published_at
        else coalesce({{ dim_posts }}.first_viewed_at, {{ dim_posts }}.first_event_at)
    end
{%- endmacro %}
