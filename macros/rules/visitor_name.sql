{# Condition: the visitor id is shared by many people and identifies nobody. It is one of the
   variable shared_visitor_ids, ignoring case, or a single character repeated at least eight times,
   such as the nil UUID. #}
{% macro is_shared_visitor_id(visitor_site_id) -%}
    {%- set plain = "replace(" ~ visitor_site_id ~ ", '-', '')" -%}
    (
        lower({{ visitor_site_id }}) in ({{ text_literals(var('shared_visitor_ids') | map('lower')) }})
        or (
            length({{ plain }}) >= 8
            and replace({{ plain }}, substr({{ plain }}, 1, 1), '') = ''
        )
    )
{%- endmacro %}


{# What identifies a visitor on a site: the id or, when it is shared by many people, a tracker
   session under it, else a pageview, else the event. The user agent is included because different
   trackers may use the same numbers. #}
{% macro visitor_name(
    has_shared_id='has_shared_visitor_id', visitor_site_id='visitor_site_id',
    session_id='session_id', session_timestamp_at='session_timestamp_at',
    pageview_id='pageview_id', event_id='event_id', user_agent='user_agent'
) -%}
    case
        when
            {{ has_shared_id }}
            and {{ session_id }} is not null
            and {{ session_timestamp_at }} is not null
            then {{ readership.separated_texts('chr(30)', [
                visitor_site_id,
                'cast(' ~ session_id ~ ' as ' ~ dbt.type_string() ~ ')',
                readership.timestamp_in_key(session_timestamp_at),
                user_agent,
            ]) }}
        when {{ has_shared_id }}
            then {{ readership.separated_texts('chr(30)', [
                visitor_site_id,
                'coalesce(' ~ pageview_id ~ ', lower(' ~ event_id ~ '))',
                user_agent,
            ]) }}
        else {{ visitor_site_id }}
    end
{%- endmacro %}
