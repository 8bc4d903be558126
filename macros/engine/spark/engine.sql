{# What the session must be set to; profiles.yml has it. #}
{% macro spark__check_engine() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed') -%}
        {%- set row = run_query(
            "select current_timezone(), typeof(cast('2000-01-01' as timestamp)), version()"
        ).rows[0] -%}
        {%- if row[0] not in ('UTC', 'Etc/UTC') or row[1] != 'timestamp_ntz' -%}
            {{ exceptions.raise_compiler_error(
                "The session of Spark has the time zone " ~ row[0] ~ " and the timestamp type " ~ row[1]
                ~ ": set spark.sql.session.timeZone to UTC and spark.sql.timestampType to "
                ~ "TIMESTAMP_NTZ"
            ) }}
        {%- endif -%}
        {%- if row[2].split('.')[:2] | map('int') | list < [3, 5] -%}
            {{ exceptions.raise_compiler_error(
                "The models require Spark 3.5 or newer, and this is " ~ row[2] ~ "."
            ) }}
        {%- endif -%}
        {#- readership/spark/raw_tables.py writes it. -#}
        {%- set registration = adapter.get_relation(
            none, source('raw', 'events').schema, 'registration'
        ) -%}
        {%- if registration is not none and run_query(
            "select state from " ~ registration ~ " where state = 'open'"
        ).rows | length > 0 -%}
            {{ exceptions.raise_compiler_error(
                "The raw tables are between two states, because their registration has not ended: "
                ~ "run `python -m readership.spark register` again"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
