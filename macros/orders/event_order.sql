{# The order of events in a session: when they happened, then when they were received, then a
   pageview before what follows from it, then their own key. #}
{% macro event_order() -%}
    event_at, received_at, case when action = 'pageview' then 0 else 1 end, event_key
{%- endmacro %}


{# Which events count in the marts, by the variables count_bots and count_staff. #}
{% macro is_counted() -%}
    {{ 'true' if var('count_bots') else 'not is_bot' }}
    and {{ 'true' if var('count_staff') else 'not is_staff' }}
{%- endmacro %}
