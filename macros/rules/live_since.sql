{# When a post of dim_posts went live: published, by its metadata, or first seen if that was
   earlier or nothing tells. #}
{% macro live_since(dim_posts) -%}
    case
        when {{ dim_posts }}.published_at < {{ dim_posts }}.first_viewed_at
            then {{ dim_posts }}.published_at
        else coalesce({{ dim_posts }}.first_viewed_at, {{ dim_posts }}.first_event_at)
    end
{%- endmacro %}
