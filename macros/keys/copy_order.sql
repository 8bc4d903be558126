{# The order of the copies of one event; the first is the one that counts. Decided by what the
   copies say, not by when they were loaded; where they came from only orders copies that say
   exactly the same. #}
{% macro copy_order() -%}
    event_at, received_at, record_hash, file_url, line_number, load_id
{%- endmacro %}
