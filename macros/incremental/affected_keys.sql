{#
    Subquery of the distinct keys that the claimed loads affect.

    The keys are computed once per load, in the model affected_keys, and read by every incremental
    model. Reach `event` covers the events of the rows that the loads add or replace, and all other
    copies of those events: a new copy may rank first and move the event, or a replaced copy may
    have ranked first. Either way the previous place of the event is affected too. Reach `scope`
    (the default) extends this to everything in the session scopes of those events, where a scope is
    a session of the tracker or, when it kept none, all events of a visitor. It also covers the
    scopes with a page that the loads assign to another post.
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


{# `where` condition that restricts a relation to affected keys in an incremental run. #}
{% macro is_affected(column, key=none, reach='scope') -%}
    {%- do readership.check_affected_key(key or column, "name one with `key=`") -%}
    {%- if has_prior_loads() -%}
        {{ column }} in {{ affected_keys(key or column, reach) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# The columns of affected_keys that say which rows a load affects. #}
{% macro affected_key_names() -%}
    {{ return([
        'event_key', 'visitor_key', 'session_scope_key', 'page_key', 'page_day_key',
        'event_hour_at', 'event_date',
    ]) }}
{%- endmacro %}


{# Stops with the keys there are. Without it, the first run of a model would succeed and the second
   one fail with an error of the engine. #}
{% macro check_affected_key(key, remedy) -%}
    {%- if key not in readership.affected_key_names() -%}
        {{ exceptions.raise_compiler_error(
            "`" ~ key ~ "` is not a key that loads affect: " ~ remedy ~ ": "
            ~ readership.affected_key_names() | join(", ")
        ) }}
    {%- endif -%}
{%- endmacro %}


{# Part of the pre-hook claim_loads(): the key by which the strategy replaces rows. #}
{% macro check_affected_key_of_model() -%}
    {%- set strategy = config.get('incremental_strategy') -%}
    {%- if strategy == 'replace_affected' -%}
        {%- do readership.check_affected_key(
            config.get('meta', {}).get('affected_key', config.get('unique_key')),
            "name one as unique_key, or with meta={'affected_key': ...}"
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Pre-hook of affected_keys. #}
{% macro delete_rows_of_loads_processed_by_all() -%}
    {%- if execute and is_incremental() -%}
        {{ deletion_of_rows_among(this, 'load_id', '(' ~ loads_processed_by_all() ~ ')') }}
    {%- endif -%}
{%- endmacro %}


{# The columns that affected_keys copies from event rows, optionally qualified by a relation. #}
{% macro affected_key_columns(relation=none) -%}
    {%- for column in [
        'event_key', 'visitor_key', 'session_scope_key', 'page_key', 'has_tracker_session',
        'event_hour_at', 'event_date',
    ] -%}
        {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
