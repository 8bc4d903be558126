{# The tier of a visitor by the sessions of a stretch of time; more sessions never give a lower
   one. #}
{% macro session_tier(sessions) -%}
    case
        when {{ sessions }} = 0 then 'silent'
        when {{ sessions }} = 1 then '1'
        when {{ sessions }} < 5 then '2-4'
        else '5+'
    end
{%- endmacro %}


{# The first date of the window that a date is in. Windows of tier_window_days follow each other
   from a Monday long past, so that none of them moves with what is newest. #}
{% macro tier_window_start(date) -%}
    {%- set first_monday = "cast('1970-01-05' as date)" -%}
    {%- set window_number -%}
        floor({{ days_between(first_monday, date) }} * 1.0 / {{ var('tier_window_days') }})
    {%- endset -%}
    {{ plus_days(
        first_monday,
        'cast(' ~ window_number ~ ' as integer) * ' ~ var('tier_window_days')
    ) }}
{%- endmacro %}
