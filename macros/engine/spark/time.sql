{# Timestamps are without a time zone (spark.sql.timestampType), in a session of UTC. Functions that
   return one with a zone are cast. #}

{% macro spark__microseconds_to_timestamp(number) -%}
    cast(timestamp_micros({{ number }}) as timestamp_ntz)
{%- endmacro %}


{% macro spark__valid_timestamp(column, has_zone) -%}
    {%- if has_zone -%}
    cast(try_cast({{ column }} as timestamp_ltz) as timestamp_ntz)
    {%- else -%}
    try_cast({{ column }} as timestamp_ntz)
    {%- endif -%}
{%- endmacro %}


{% macro spark__at_time_zone(column, time_zone) -%}
    convert_timezone('UTC', {{ time_zone }}, {{ column }})
{%- endmacro %}


{% macro spark__from_time_zone(wall_time, time_zone) -%}
    convert_timezone({{ time_zone }}, 'UTC', {{ wall_time }})
{%- endmacro %}


{% macro spark__at_utc(column) -%}
    cast({{ column }} as timestamp_ntz)
{%- endmacro %}


{% macro spark__seconds_between(start_at, end_at) -%}
    {%- set microseconds = (
        '(unix_micros(cast(' ~ end_at ~ ' as timestamp_ltz)) - unix_micros(cast(' ~ start_at
        ~ ' as timestamp_ltz)))'
    ) -%}
    (({{ microseconds }} - pmod({{ microseconds }}, 1000000)) div 1000000)
{%- endmacro %}


{% macro spark__plus_seconds(column, seconds) -%}
    {{ column }} + make_dt_interval(0, 0, 0, {{ seconds }})
{%- endmacro %}


{% macro spark__timestamp_to_text(column) -%}
    concat(date_format({{ column }}, 'yyyy-MM-dd'), 'T', date_format({{ column }}, 'HH:mm:ss'))
{%- endmacro %}


{% macro spark__dates_between(first_date, last_date, column, relation) -%}
    select
        explode(
            sequence(cast({{ first_date }} as date), cast({{ last_date }} as date), interval 1 day)
        ) as {{ column }}
    from {{ relation }}
{%- endmacro %}


{% macro spark__time_zone_names() -%}
    select explode(split(
        trim(both '[]' from java_method('java.time.ZoneId', 'getAvailableZoneIds')), ', '
    )) as name
{%- endmacro %}


{# ---------- overrides of dbt's macros, whose results have a time zone on Spark #}

{% macro spark__date_trunc(datepart, date) -%}
    cast(date_trunc('{{ datepart }}', {{ date }}) as timestamp_ntz)
{%- endmacro %}


{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd(
        {{ datepart }}, cast({{ interval }} as int), cast({{ from_date_or_timestamp }} as timestamp_ntz)
    )
{%- endmacro %}


{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
    datediff({{ second_date }}, {{ first_date }})
    {%- else -%}
    {{ exceptions.raise_compiler_error("datediff: only in days on Spark, not " ~ datepart) }}
    {%- endif -%}
{%- endmacro %}
