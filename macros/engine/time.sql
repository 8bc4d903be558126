{# An instant from an epoch number of any of the units in use (seconds, milliseconds,
   microseconds), told apart by magnitude; 0 and null give null. Milliseconds start at 1e11
   (March 1973), so a pre-1973 time in milliseconds would be read as seconds. #}
{% macro epoch_to_timestamp(column) -%}
    {{ return(adapter.dispatch('epoch_to_timestamp', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__epoch_to_timestamp(column) -%}
    case
        when {{ column }} = 0 then null
        when {{ column }} between -99999999999 and 99999999999
            then make_timestamp({{ column }} * 1000000)
        when {{ column }} between -99999999999999 and 99999999999999
            then make_timestamp({{ column }} * 1000)
        when {{ column }} between -99999999999999999 and 99999999999999999
            then make_timestamp({{ column }})
    end
{%- endmacro %}


{# A UTC instant from the text forms that event times come in: `YYYY-MM-DD HH:MM:SS`, the ISO
   form with Z or an offset, or epoch seconds; null when it is none of them. #}
{% macro text_to_timestamp(column) -%}
    {{ return(adapter.dispatch('text_to_timestamp', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__text_to_timestamp(column) -%}
    case
        when regexp_full_match({{ column }}, '[0-9]{9,16}([.][0-9]+)?')
            then {{ epoch_to_timestamp("try_cast(split_part(" ~ column ~ ", '.', 1) as bigint)") }}
        when regexp_full_match({{ column }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+')
            then try_cast({{ column }} as timestamp)
        when regexp_full_match({{ column }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+(Z|[+-][0-9:]+)')
            then try_cast({{ column }} as timestamptz) at time zone 'UTC'
    end
{%- endmacro %}


{# A UTC instant as wall-clock time in a named time zone. #}
{% macro at_time_zone(column, time_zone) -%}
    {{ return(adapter.dispatch('at_time_zone', 'readership')(column, time_zone)) }}
{%- endmacro %}

{% macro default__at_time_zone(column, time_zone) -%}
    ({{ column }} at time zone 'UTC') at time zone {{ time_zone }}
{%- endmacro %}


{# Whole seconds from one instant to another; negative when the second is earlier. #}
{% macro seconds_between(start_at, end_at) -%}
    {{ return(adapter.dispatch('seconds_between', 'readership')(start_at, end_at)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start_at, end_at) -%}
    cast(floor((epoch_us({{ end_at }}) - epoch_us({{ start_at }})) / 1000000) as bigint)
{%- endmacro %}


{# An instant moved by whole seconds (an expression, may be negative). #}
{% macro plus_seconds(column, seconds) -%}
    {{ return(adapter.dispatch('plus_seconds', 'readership')(column, seconds)) }}
{%- endmacro %}

{% macro duckdb__plus_seconds(column, seconds) -%}
    {{ column }} + to_seconds({{ seconds }})
{%- endmacro %}


{# An instant as ISO text to the second, without a zone. #}
{% macro timestamp_to_text(column) -%}
    {{ return(adapter.dispatch('timestamp_to_text', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__timestamp_to_text(column) -%}
    strftime({{ column }}, '%Y-%m-%dT%H:%M:%S')
{%- endmacro %}


{# The UTC wall-clock time of an instant stored with a time zone. #}
{% macro at_utc(column) -%}
    {{ return(adapter.dispatch('at_utc', 'readership')(column)) }}
{%- endmacro %}

{% macro default__at_utc(column) -%}
    {{ column }} at time zone 'UTC'
{%- endmacro %}


{# Query: the names of the time zones that the engine knows. #}
{% macro time_zone_names() -%}
    {{ return(adapter.dispatch('time_zone_names', 'readership')()) }}
{%- endmacro %}

{% macro default__time_zone_names() -%}
    select name from pg_timezone_names()
{%- endmacro %}


{# A date moved by whole days (an expression, may be negative). #}
{% macro plus_days(date, days) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}


{# Whole days from one date to another; negative when the second is earlier. #}
{% macro days_between(start_date, end_date) -%}
    cast({{ dbt.datediff(start_date, end_date, 'day') }} as bigint)
{%- endmacro %}


{# Select item that makes one row per date from the first to the last, both included. #}
{% macro date_spine(first_date, last_date) -%}
    {{ return(adapter.dispatch('date_spine', 'readership')(first_date, last_date)) }}
{%- endmacro %}

{% macro duckdb__date_spine(first_date, last_date) -%}
    cast(
        unnest(generate_series({{ first_date }}, {{ last_date }}, interval '1 day')) as date
    )
{%- endmacro %}

{% macro postgres__date_spine(first_date, last_date) -%}
    cast(
        generate_series(
            cast({{ first_date }} as timestamp),
            cast({{ last_date }} as timestamp),
            interval '1 day'
        ) as date
    )
{%- endmacro %}
