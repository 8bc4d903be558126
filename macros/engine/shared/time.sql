{# A timestamp from an epoch number in any common unit (seconds, milliseconds, microseconds),
   recognized by magnitude; 0, null and values before year 1 give null. Milliseconds start at 1e11
   (March 1973), so an earlier time in milliseconds would be read as seconds. #}
{% macro epoch_to_timestamp(column) -%}
    case
        when {{ column }} = 0 then null
        when {{ column }} between -99999999999 and 99999999999
            then
                case
                    when {{ column }} >= -62135596800
                        then {{ readership.microseconds_to_timestamp(column ~ ' * 1000000') }}
                end
        when {{ column }} between -62135596800000 and 99999999999999
            then {{ readership.microseconds_to_timestamp(column ~ ' * 1000') }}
        when {{ column }} between -99999999999999 and 99999999999999 then null
        when {{ column }} between -62135596800000000 and 99999999999999999
            then {{ readership.microseconds_to_timestamp(column) }}
    end
{%- endmacro %}


{# A timestamp from a number of microseconds since 1970. #}
{% macro microseconds_to_timestamp(number) -%}
    {{ return(adapter.dispatch('microseconds_to_timestamp', 'readership')(number)) }}
{%- endmacro %}

{% macro duckdb__microseconds_to_timestamp(number) -%}
    make_timestamp({{ number }})
{%- endmacro %}

{# Intervals are multiplied in floating point, which is exact for seconds and a fraction, but not
   for microseconds alone. #}
{% macro postgres__microseconds_to_timestamp(number) -%}
    cast('1970-01-01' as timestamp)
    + (({{ number }}) / 1000000) * interval '1 second'
    + (({{ number }}) % 1000000) * interval '1 microsecond'
{%- endmacro %}


{# A UTC timestamp from the text formats that event times have: `YYYY-MM-DD HH:MM:SS`, ISO with Z
   or an offset, the variants that warehouse exports write (`… UTC`, `… +0000`, lower case), or
   epoch seconds; null for any other. Seconds may be missing or have a fraction, of which six digits
   are used. A leap second is read as the first second of the next minute. #}
{% macro text_to_timestamp(column) -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]*)?)?' -%}
    {%- set zone = '(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)' -%}
    {%- set exported_time = '([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)([.][0-9]*)?)?' -%}
    {%- set exported_zone = '([Zz]|UTC|utc|GMT|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)' -%}
    case
        when {{ readership.matches(column, '[0-9]{9,16}([.][0-9]+)?') }}
            then {{ readership.epoch_to_timestamp("cast(" ~ readership.text_before(column, '.') ~ " as bigint)") }}
        when {{ column }} like '0000%' then null
        when {{ readership.matches(column, day ~ '[ T]' ~ time) }}
            then {{ readership.valid_timestamp(column) }}
        when {{ readership.matches(column, day ~ '[ T]' ~ time ~ zone) }}
            then {{ readership.valid_timestamp(column, has_zone=true) }}
        when {{ readership.matches(column, day ~ '[ Tt]' ~ exported_time ~ '( ?' ~ exported_zone ~ ')?') }}
            then {{ readership.plus_seconds(
                readership.valid_timestamp(
                    readership.iso_time_text(column), has_zone=true
                ),
                "case when " ~ column ~ " like '%:60%' then 1 else 0 end"
            ) }}
    end
{%- endmacro %}


{# The text of an exported time in ISO format, a leap second as the second before it. #}
{% macro iso_time_text(column) -%}
    substr({{ column }}, 1, 10)
    || ' '
    || replace({{ readership.first_match(column, '^[-0-9]*[ Tt]([0-9:.]*)') }}, ':60', ':59')
    || coalesce({{ readership.first_match(column, '[0-9.] ?([+-][0-9:]+)$') }}, '+00')
{%- endmacro %}


{# A UTC timestamp from a text in a timestamp format; null when there is no such day. #}
{% macro valid_timestamp(column, has_zone=false) -%}
    {{ return(adapter.dispatch('valid_timestamp', 'readership')(column, has_zone)) }}
{%- endmacro %}

{% macro duckdb__valid_timestamp(column, has_zone) -%}
    {%- if has_zone -%}
    try_cast({{ column }} as timestamptz) at time zone 'UTC'
    {%- else -%}
    try_cast({{ column }} as timestamp)
    {%- endif -%}
{%- endmacro %}

{% macro postgres__valid_timestamp(column, has_zone) -%}
    {#- PostgreSQL would round to six digits instead of truncating. -#}
    {%- set cut = "regexp_replace(" ~ column ~ ", '([.][0-9]{6})[0-9]+', '\\1')" -%}
    case
        when pg_input_is_valid(left({{ column }}, 10), 'date')
            then
                {%- if has_zone %}
                cast({{ cut }} as timestamptz) at time zone 'UTC'
                {%- else %}
                cast({{ cut }} as timestamp)
                {%- endif %}
    end
{%- endmacro %}


{# A UTC timestamp as wall-clock time in a named time zone. #}
{% macro at_time_zone(column, time_zone) -%}
    {{ return(adapter.dispatch('at_time_zone', 'readership')(column, time_zone)) }}
{%- endmacro %}

{% macro default__at_time_zone(column, time_zone) -%}
    ({{ column }} at time zone 'UTC') at time zone {{ time_zone }}
{%- endmacro %}


{# The date of a UTC timestamp in a named time zone. #}
{% macro local_date(column, time_zone) -%}
    cast({{ readership.at_time_zone(column, time_zone) }} as date)
{%- endmacro %}


{# The hour of a UTC timestamp on the clock of a named time zone. #}
{% macro local_hour(column, time_zone) -%}
    {{ dbt.date_trunc('hour', readership.at_time_zone(column, time_zone)) }}
{%- endmacro %}


{# Whole seconds from one timestamp to another; negative when the second is earlier. #}
{% macro seconds_between(start_at, end_at) -%}
    {{ return(adapter.dispatch('seconds_between', 'readership')(start_at, end_at)) }}
{%- endmacro %}

{% macro duckdb__seconds_between(start_at, end_at) -%}
    cast(floor((epoch_us({{ end_at }}) - epoch_us({{ start_at }})) / 1000000) as bigint)
{%- endmacro %}

{% macro postgres__seconds_between(start_at, end_at) -%}
    cast(floor(extract(epoch from ({{ end_at }}) - ({{ start_at }}))) as bigint)
{%- endmacro %}


{# A timestamp plus whole seconds (an expression, may be negative). #}
{% macro plus_seconds(column, seconds) -%}
    {{ return(adapter.dispatch('plus_seconds', 'readership')(column, seconds)) }}
{%- endmacro %}

{% macro duckdb__plus_seconds(column, seconds) -%}
    {{ column }} + to_seconds({{ seconds }})
{%- endmacro %}

{% macro postgres__plus_seconds(column, seconds) -%}
    {{ column }} + ({{ seconds }}) * interval '1 second'
{%- endmacro %}


{# The first instant, in UTC, of a date in a named time zone. #}
{% macro start_of_day(date, time_zone) -%}
    {{ readership.instant_of(readership.as_timestamp(date), time_zone) }}
{%- endmacro %}


{# The UTC timestamp of a wall-clock time in a named time zone. A wall-clock time that occurs
   twice, because clocks go back, gives the first or the last; engines differ in which. #}
{% macro instant_of(wall_time, time_zone, is_last=false) -%}
    {%- set found = readership.from_time_zone(wall_time, time_zone) -%}
    case
        {%- for minutes in [180, 120, 60, 30] %}
        {%- set other = readership.plus_seconds(
            '(' ~ found ~ ')', (60 if is_last else -60) * minutes
        ) %}
        when {{ readership.at_time_zone('(' ~ other ~ ')', time_zone) }} = {{ wall_time }}
            then {{ other }}
        {%- endfor %}
        else {{ found }}
    end
{%- endmacro %}


{# The UTC timestamp of a wall-clock time in a named time zone, as the engine converts it. #}
{% macro from_time_zone(wall_time, time_zone) -%}
    {{ return(adapter.dispatch('from_time_zone', 'readership')(wall_time, time_zone)) }}
{%- endmacro %}

{% macro default__from_time_zone(wall_time, time_zone) -%}
    ({{ wall_time }} at time zone {{ time_zone }}) at time zone 'UTC'
{%- endmacro %}


{# A timestamp plus microseconds, the smallest unit (an expression, may be negative). #}
{% macro plus_microseconds(column, microseconds) -%}
    {{ return(adapter.dispatch('plus_microseconds', 'readership')(column, microseconds)) }}
{%- endmacro %}

{% macro default__plus_microseconds(column, microseconds) -%}
    {{ column }} + ({{ microseconds }}) * interval '1 microsecond'
{%- endmacro %}


{# A timestamp as ISO text to the second, without a zone. #}
{% macro timestamp_to_text(column) -%}
    {{ return(adapter.dispatch('timestamp_to_text', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__timestamp_to_text(column) -%}
    strftime({{ column }}, '%Y-%m-%dT%H:%M:%S')
{%- endmacro %}

{% macro postgres__timestamp_to_text(column) -%}
    to_char({{ column }}, 'YYYY-MM-DD"T"HH24:MI:SS')
{%- endmacro %}


{# A timestamp as text for a key: to the microsecond, without zeros at the end. #}
{% macro timestamp_in_key(column) -%}
    {{ return(adapter.dispatch('timestamp_in_key', 'readership')(column)) }}
{%- endmacro %}

{% macro default__timestamp_in_key(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}


{# The UTC wall-clock time of a timestamp stored with a time zone. #}
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


{# A date plus whole days (an expression, may be negative). #}
{% macro plus_days(date, days) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}


{# Whole days from one date to another; negative when the second is earlier. #}
{% macro days_between(start_date, end_date) -%}
    cast({{ dbt.datediff(start_date, end_date, 'day') }} as bigint)
{%- endmacro %}


{# Query: a column with the dates from the first to the last, inclusive, of each row of a relation. #}
{% macro dates_between(first_date, last_date, column, relation) -%}
    {{ return(adapter.dispatch('dates_between', 'readership')(
        first_date, last_date, column, relation
    )) }}
{%- endmacro %}

{% macro duckdb__dates_between(first_date, last_date, column, relation) -%}
    select
        cast(
            unnest(generate_series({{ first_date }}, {{ last_date }}, interval '1 day')) as date
        ) as {{ column }}
    from {{ relation }}
{%- endmacro %}

{% macro postgres__dates_between(first_date, last_date, column, relation) -%}
    select
        cast(
            generate_series(
                cast({{ first_date }} as timestamp),
                cast({{ last_date }} as timestamp),
                interval '1 day'
            ) as date
        ) as {{ column }}
    from {{ relation }}
{%- endmacro %}


{# The number of a date's day in its year, from 1. #}
{% macro day_of_year(date) -%}
    {{ return(adapter.dispatch('day_of_year', 'readership')(date)) }}
{%- endmacro %}

{% macro default__day_of_year(date) -%}
    extract(doy from {{ date }})
{%- endmacro %}
