{#
    What the claimed loads touch, as a subquery of distinct keys.

    It is worked out once per load, in affected_keys, and read by every model. Reach `event` is the
    events of the rows that the loads bring or replace, with every other copy of those events: a
    copy that ranks earlier moves the event, one that goes lets it fall back, so the place it leaves
    is touched too. Reach `scope` goes on to everything in the session scopes of those events, a
    scope being a session of the tracker or, where it kept none, all events of a visitor; and to
    the scopes with a page that the loads give another name as a post.
#}
{% macro affected_keys(key, reach='scope') -%}
    (
        select distinct affected_rows.{{ key }}
        from {{ ref('affected_keys') }} as affected_rows
        where
            affected_rows.load_id in {{ claimed_loads() }}
            {%- if reach == 'event' %}
            and affected_rows.is_direct
            {%- endif %}
    )
{%- endmacro %}


{# The `where` condition that narrows a relation to touched keys in an incremental run. #}
{% macro is_affected(column, key=none, reach='scope') -%}
    {%- if has_prior_loads() -%}
        {{ column }} in {{ affected_keys(key or column, reach) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# pre-hook of affected_keys. #}
{% macro delete_rows_of_loads_processed_by_all() -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where load_id in ({{ loads_processed_by_all() }})
    {%- endif -%}
{%- endmacro %}


{# The columns of affected_keys that it takes from rows of events, of a relation. #}
{% macro affected_key_columns(relation=none) -%}
    {%- for column in [
        'event_key', 'visitor_key', 'session_scope_key', 'page_key', 'has_tracker_session',
        'event_hour_at', 'event_date',
    ] -%}
        {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
