{# Condition: many people share an id, so that it is nobody's. Either it is one of the variable
   shared_visitor_ids, in any case, or one character alone, eight times or more, as in the UUID of
   zeros. #}
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


{# What tells visitors of a site apart: the id, or, where many people share it, a session of the
   tracker under it, else a pageview, else the event alone. The user agent keeps those apart whose
   trackers count alike. #}
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
            then concat_ws(
                chr(30),
                {{ visitor_site_id }},
                cast({{ session_id }} as {{ dbt.type_string() }}),
                cast({{ session_timestamp_at }} as {{ dbt.type_string() }}),
                {{ user_agent }}
            )
        when {{ has_shared_id }}
            then concat_ws(
                chr(30),
                {{ visitor_site_id }},
                coalesce({{ pageview_id }}, lower({{ event_id }})),
                {{ user_agent }}
            )
        else {{ visitor_site_id }}
    end
{%- endmacro %}
