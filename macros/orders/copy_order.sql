{# The order of the copies of one event; the first is the one that counts. Decided by what the
   copies say, not by when they were loaded; where they came from only orders copies that say
   exactly the same, so that the account of the first load stands when a day is delivered again. #}
{% macro copy_order() -%}
    event_at, received_at, record_hash, load_id, file_url, line_number
{%- endmacro %}
