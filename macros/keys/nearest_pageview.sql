{# The position in its scope of the latest pageview at or before an event, else of the first after
   it, among the events of its session that share a key. #}
{% macro nearest_pageview(shared_key) -%}
    coalesce(
        max(case when action = 'pageview' then scope_position end) over (
            partition by session_key, {{ shared_key }}
            order by event_at
            range between unbounded preceding and current row
        ),
        min(case when action = 'pageview' then scope_position end) over (
            partition by session_key, {{ shared_key }}
        )
    )
{%- endmacro %}
