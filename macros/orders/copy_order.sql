{# The order of the copies of one event; the first one is kept. It depends on the content of the
   copies, not on when they were loaded. Provenance only orders copies with identical content, so
   that the counts of the first load do not change when a day is delivered again. #}
{% macro copy_order() -%}
    event_at, received_at nulls last, record_hash, load_id, file_url, line_number
{%- endmacro %}
