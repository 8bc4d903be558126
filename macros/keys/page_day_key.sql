{# The key of a page on one UTC day, of a relation with a page_key. #}
{% macro page_day_key(event_date) -%}
    {{ surrogate_key(['page_key', event_date]) }}
{%- endmacro %}
