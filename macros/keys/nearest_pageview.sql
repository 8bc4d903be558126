{# The position in its session of the latest event of some action at or before an event, else of the
   first after it, among the events of the session that share a key. #}
{% macro nearest_event(action, shared_key, position='event_in_session') -%}
    coalesce(
        max(case when action = '{{ action }}' then {{ position }} end) over (
            partition by session_key, {{ shared_key }}
            order by event_at
            range between unbounded preceding and current row
        ),
        min(case when action = '{{ action }}' then {{ position }} end) over (
            partition by session_key, {{ shared_key }}
        )
    )
{%- endmacro %}


{# The same for pageviews, by their position among the events of the visitor that are worked out together. #}
{% macro nearest_pageview(shared_key) -%}
    {{ readership.nearest_event('pageview', shared_key, 'sequence_position') }}
{%- endmacro %}
