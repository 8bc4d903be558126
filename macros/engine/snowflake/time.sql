{# Timestamps are without a time zone (TIMESTAMP_NTZ), and in UTC. #}

{% macro snowflake__microseconds_to_timestamp(number) -%}
    to_timestamp_ntz({{ number }}, 6)
{%- endmacro %}


{# The parts of the text are read by one format. An offset is subtracted in minutes. #}
{% macro snowflake__valid_timestamp(column, has_zone) -%}
    {%- set clock = "regexp_substr(" ~ column ~ ", '[0-9]{2}:[0-9]{2}(:[0-9]{2})?')" -%}
    {%- set fraction = (
        "coalesce(regexp_substr(" ~ column ~ ", '[.]([0-9]{1,6})', 1, 1, 'e', 1), '')"
    ) -%}
    {%- set wall_time -%}
    try_to_timestamp_ntz(
        substr({{ column }}, 1, 10) || ' ' || rpad({{ clock }}, 8, ':00') || '.'
        || rpad({{ fraction }}, 6, '0'),
        'YYYY-MM-DD HH24:MI:SS.FF6'
    )
    {%- endset -%}
    {%- if has_zone -%}
    {%- set zone = (
        "replace(regexp_substr(" ~ column ~ ", ':[0-9:.]*([+-][0-9:]+)$', 1, 1, 'e', 1), ':', '')"
    ) -%}
    dateadd(
        minute,
        -coalesce(
            cast(substr({{ zone }}, 1, 1) || '1' as integer)
            * (
                60 * cast(substr({{ zone }}, 2, 2) as integer)
                + cast(rpad(substr({{ zone }}, 4, 2), 2, '0') as integer)
            ),
            0
        ),
        {{ wall_time }}
    )
    {%- else -%}
    {{ wall_time }}
    {%- endif -%}
{%- endmacro %}


{% macro snowflake__at_time_zone(column, time_zone) -%}
    convert_timezone('UTC', {{ time_zone }}, {{ column }})
{%- endmacro %}


{% macro snowflake__from_time_zone(wall_time, time_zone) -%}
    convert_timezone({{ time_zone }}, 'UTC', {{ wall_time }})
{%- endmacro %}


{% macro snowflake__at_utc(column) -%}
    cast(convert_timezone('UTC', {{ column }}) as timestamp_ntz)
{%- endmacro %}


{% macro snowflake__seconds_between(start_at, end_at) -%}
    cast(floor(datediff(microsecond, {{ start_at }}, {{ end_at }}) / 1000000) as bigint)
{%- endmacro %}


{% macro snowflake__plus_seconds(column, seconds) -%}
    dateadd(second, {{ seconds }}, {{ column }})
{%- endmacro %}


{% macro snowflake__plus_microseconds(column, microseconds) -%}
    dateadd(microsecond, {{ microseconds }}, {{ column }})
{%- endmacro %}


{% macro snowflake__timestamp_to_text(column) -%}
    to_char({{ column }}, 'YYYY-MM-DD"T"HH24:MI:SS')
{%- endmacro %}


{# The text of a cast follows a parameter of the session. #}
{% macro snowflake__timestamp_in_key(column) -%}
    rtrim(rtrim(to_char({{ column }}, 'YYYY-MM-DD HH24:MI:SS.FF6'), '0'), '.')
{%- endmacro %}


{% macro snowflake__dates_between(first_date, last_date, column, relation) -%}
    select cast(dateadd(day, days.index, {{ first_date }}) as date) as {{ column }}
    from {{ relation }}
    cross join
        lateral flatten(
            input => array_generate_range(0, datediff(day, {{ first_date }}, {{ last_date }}) + 1)
        ) as days
{%- endmacro %}


{# Snowflake does not list its time zones, which are those of the IANA database. #}
{% macro snowflake__time_zone_names() -%}
    select column1 as name
    from values ('{{ modules.pytz.all_timezones | join("'), ('") }}')
{%- endmacro %}
