{# The key of the post that metadata names by the publisher's post id; null without an id. An id
   that is a URL is ignored, because it only repeats the canonical URL. #}
{% macro post_key_of_id(site_id, post_id) -%}
    case
        when {{ post_id }} is not null and {{ post_id }} not like '%://%'
            then {{ readership.surrogate_key([site_id, "'post id'", post_id]) }}
    end
{%- endmacro %}
