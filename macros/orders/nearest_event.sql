{# The position in its session of the latest event with some action at or before an event, else
   of the first one after it, among the events of the session that share a key. #}
{% macro nearest_event(action, shared_key, relation=none) -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    coalesce(
        max(case when {{ of }}action = '{{ action }}' then {{ of }}event_in_session end) over (
            partition by {{ of }}session_key, {{ shared_key }}
            order by {{ of }}event_at
            range between unbounded preceding and current row
        ),
        min(case when {{ of }}action = '{{ action }}' then {{ of }}event_in_session end) over (
            partition by {{ of }}session_key, {{ shared_key }}
        )
    )
{%- endmacro %}
