{# The order of events in a session: by event time, then by receipt, then a pageview before the
   events it causes, then by key. #}
{% macro event_order() -%}
    event_at, received_at nulls last, case when action = 'pageview' then 0 else 1 end, event_key
{%- endmacro %}


{# Whether an event is counted in the marts, by the variables count_bots and count_staff. #}
{% macro is_counted() -%}
    {{ 'true' if var('count_bots') else 'not is_bot' }}
    and {{ 'true' if var('count_staff') else 'not is_staff' }}
{%- endmacro %}
