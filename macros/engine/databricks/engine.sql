{# What the session must be set to; profiles.yml has it. #}
{% macro databricks__check_engine() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed') -%}
        {%- set time_zone = run_query("select current_timezone()").rows[0][0] -%}
        {%- if time_zone not in ('UTC', 'Etc/UTC') -%}
            {{ exceptions.raise_compiler_error(
                "The session of Databricks has the time zone " ~ time_zone ~ ": set TIMEZONE to UTC "
                ~ "under session_properties of the target, or spark.sql.session.timeZone on a cluster"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
