{# Timestamps are instants, of the type TIMESTAMP. Wall-clock times have the same type, as if they
   were of UTC. #}

{% macro bigquery__microseconds_to_timestamp(number) -%}
    timestamp_micros({{ number }})
{%- endmacro %}


{# The parts of the text are read by one format. #}
{% macro bigquery__valid_timestamp(column, has_zone) -%}
    {%- set clock = "regexp_extract(" ~ column ~ ", r'[0-9]{2}:[0-9]{2}(?::[0-9]{2})?')" -%}
    {%- set fraction = "coalesce(regexp_extract(" ~ column ~ ", r'[.]([0-9]{1,6})'), '')" -%}
    {%- set zone = (
        "replace(regexp_extract(" ~ column ~ ", r':[0-9:.]*([+-][0-9:]+)$'), ':', '')"
    ) -%}
    safe_cast(
        substr({{ column }}, 1, 10) || ' ' || rpad({{ clock }}, 8, ':00') || '.'
        || rpad({{ fraction }}, 6, '0')
        {%- if has_zone %}
        || coalesce(substr({{ zone }}, 1, 3) || ':' || rpad(substr({{ zone }}, 4, 2), 2, '0'), '+00:00')
        {%- else %}
        || '+00:00'
        {%- endif %}
        as timestamp
    )
{%- endmacro %}


{% macro bigquery__at_time_zone(column, time_zone) -%}
    timestamp(datetime({{ column }}, {{ time_zone }}))
{%- endmacro %}


{% macro bigquery__from_time_zone(wall_time, time_zone) -%}
    timestamp(datetime({{ wall_time }}), {{ time_zone }})
{%- endmacro %}


{% macro bigquery__at_utc(column) -%}
    {{ column }}
{%- endmacro %}


{% macro bigquery__seconds_between(start_at, end_at) -%}
    {%- set microseconds = '(unix_micros(' ~ end_at ~ ') - unix_micros(' ~ start_at ~ '))' -%}
    div({{ microseconds }} - mod(mod({{ microseconds }}, 1000000) + 1000000, 1000000), 1000000)
{%- endmacro %}


{% macro bigquery__plus_seconds(column, seconds) -%}
    timestamp_add({{ column }}, interval ({{ seconds }}) second)
{%- endmacro %}


{% macro bigquery__plus_microseconds(column, microseconds) -%}
    timestamp_add({{ column }}, interval ({{ microseconds }}) microsecond)
{%- endmacro %}


{% macro bigquery__timestamp_to_text(column) -%}
    format_timestamp('%Y-%m-%dT%H:%M:%S', {{ column }})
{%- endmacro %}


{# A cast writes the time zone too. #}
{% macro bigquery__timestamp_in_key(column) -%}
    rtrim(rtrim(format_timestamp('%Y-%m-%d %H:%M:%E6S', {{ column }}), '0'), '.')
{%- endmacro %}


{% macro bigquery__dates_between(first_date, last_date, column, relation) -%}
    select {{ column }}
    from {{ relation }}
    cross join unnest(generate_date_array({{ first_date }}, {{ last_date }})) as {{ column }}
{%- endmacro %}


{# BigQuery does not list its time zones, which are those of the IANA database. #}
{% macro bigquery__time_zone_names() -%}
    select name from unnest(['{{ modules.pytz.all_timezones | join("', '") }}']) as name
{%- endmacro %}


{% macro bigquery__day_of_year(date) -%}
    extract(dayofyear from {{ date }})
{%- endmacro %}


{# ---------- overrides of dbt's macros #}

{# Weeks begin on Monday. #}
{% macro bigquery__date_trunc(datepart, date) -%}
    timestamp_trunc(cast({{ date }} as timestamp), {{ 'isoweek' if datepart == 'week' else datepart }})
{%- endmacro %}


{# A date, as all callers need it; dbt's returns a time, which compares with no date. #}
{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) -%}
    date_add(cast({{ from_date_or_timestamp }} as date), interval ({{ interval }}) {{ datepart }})
{%- endmacro %}
