{# Timestamps are without a time zone and have six digits of a second, as Iceberg stores them. A
   `timestamp` of Trino without a number would have three. #}

{% macro trino__type_timestamp() -%}
    timestamp(6)
{%- endmacro %}


{# Nanoseconds of a far year are beyond 64 bits. #}
{% macro trino__microseconds_to_timestamp(number) -%}
    cast(
        at_timezone(from_unixtime_nanos(cast({{ number }} as decimal(38, 0)) * 1000), 'UTC')
        as timestamp(6)
    )
{%- endmacro %}


{# The parts of the text in one form. An offset is subtracted in minutes. #}
{% macro trino__valid_timestamp(column, has_zone) -%}
    {%- set clock = "regexp_extract(" ~ column ~ ", '[0-9]{2}:[0-9]{2}(:[0-9]{2})?')" -%}
    {%- set fraction = "coalesce(regexp_extract(" ~ column ~ ", '[.]([0-9]{1,6})', 1), '')" -%}
    {%- set wall_time -%}
    try_cast(
        substr({{ column }}, 1, 10) || ' ' || rpad({{ clock }}, 8, ':00') || '.'
        || rpad({{ fraction }}, 6, '0')
        as timestamp(6)
    )
    {%- endset -%}
    {%- if has_zone -%}
    {%- set zone = (
        "replace(regexp_extract(" ~ column ~ ", ':[0-9:.]*([+-][0-9:]+)\\z', 1), ':', '')"
    ) -%}
    date_add(
        'minute',
        -coalesce(
            cast(substr({{ zone }}, 1, 1) || '1' as bigint)
            * (
                60 * cast(substr({{ zone }}, 2, 2) as bigint)
                + cast(rpad(substr({{ zone }}, 4, 2), 2, '0') as bigint)
            ),
            0
        ),
        {{ wall_time }}
    )
    {%- else -%}
    {{ wall_time }}
    {%- endif -%}
{%- endmacro %}


{% macro trino__at_time_zone(column, time_zone) -%}
    cast(at_timezone(with_timezone({{ column }}, 'UTC'), {{ time_zone }}) as timestamp(6))
{%- endmacro %}


{% macro trino__from_time_zone(wall_time, time_zone) -%}
    cast(at_timezone(with_timezone({{ wall_time }}, {{ time_zone }}), 'UTC') as timestamp(6))
{%- endmacro %}


{% macro trino__at_utc(column) -%}
    cast(at_timezone({{ column }}, 'UTC') as timestamp(6))
{%- endmacro %}


{# Seconds between the whole seconds, one less when the fraction says so. #}
{% macro trino__seconds_between(start_at, end_at) -%}
    {%- set seconds = (
        "date_diff('second', date_trunc('second', " ~ start_at ~ "), date_trunc('second', " ~ end_at
        ~ "))"
    ) -%}
    {{ seconds }}
    - case when date_add('second', {{ seconds }}, {{ start_at }}) > {{ end_at }} then 1 else 0 end
{%- endmacro %}


{% macro trino__plus_seconds(column, seconds) -%}
    date_add('second', {{ seconds }}, {{ column }})
{%- endmacro %}


{# No unit is smaller than a millisecond. #}
{% macro trino__plus_microseconds(column, microseconds) -%}
    {{ readership.trino__microseconds_to_timestamp(
        "(date_diff('second', cast('1970-01-01' as timestamp(6)), date_trunc('second', " ~ column
        ~ ")) * 1000000 + cast(substr(cast(" ~ column ~ " as varchar), -6) as bigint) + ("
        ~ microseconds ~ "))"
    ) }}
{%- endmacro %}


{% macro trino__timestamp_to_text(column) -%}
    date_format({{ column }}, '%Y-%m-%dT%H:%i:%s')
{%- endmacro %}


{# The text of a cast has all six digits. #}
{% macro trino__timestamp_in_key(column) -%}
    regexp_replace(cast({{ column }} as varchar), '[.]?0*\z', '')
{%- endmacro %}


{# sequence() has 10,000 numbers at most, fewer than the days that variables allow. #}
{% macro trino__dates_between(first_date, last_date, column, relation) -%}
    {%- set days = "date_diff('day', " ~ first_date ~ ", " ~ last_date ~ ")" -%}
    select date_add('day', thousands.counted * 1000 + ones.counted, {{ first_date }}) as {{ column }}
    from {{ relation }}
    cross join unnest(sequence(0, {{ days }} / 1000)) as thousands (counted)
    cross join unnest(sequence(0, 999)) as ones (counted)
    where thousands.counted * 1000 + ones.counted <= {{ days }}
{%- endmacro %}


{# Trino does not list its time zones, which are those of the IANA database. #}
{% macro trino__time_zone_names() -%}
    select zones.name
    from unnest(array['{{ modules.pytz.all_timezones | join("', '") }}']) as zones (name)
{%- endmacro %}


{# ---------- an override of dbt's macro, which computes with milliseconds #}

{% macro trino__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
    date_diff('day', cast({{ first_date }} as date), cast({{ second_date }} as date))
    {%- else -%}
    {{ exceptions.raise_compiler_error("datediff: only in days on Trino, not " ~ datepart) }}
    {%- endif -%}
{%- endmacro %}
