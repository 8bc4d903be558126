{# The key of a page on one UTC day. #}
{% macro page_day_key(event_date, page_key='page_key') -%}
    {{ surrogate_key([page_key, event_date]) }}
{%- endmacro %}
