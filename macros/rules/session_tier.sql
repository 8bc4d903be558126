{# The tier of a visitor by number of sessions in a period. More sessions never give a lower
   tier. #}
{% macro session_tier(sessions) -%}
    case
        when {{ sessions }} = 0 then 'silent'
        when {{ sessions }} = 1 then '1'
        when {{ sessions }} < 5 then '2-4'
        else '5+'
    end
{%- endmacro %}


{# The first date of the tier window that contains a date. Windows of tier_window_days are
   counted from a fixed Monday, so none of them moves with the newest event. #}
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
