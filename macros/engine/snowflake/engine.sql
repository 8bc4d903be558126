{# What the account or the user may have set otherwise, and rows depend on. #}
{% macro snowflake__check_engine() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed') -%}
        {%- set row = run_query(
            "select typeof(to_variant(cast('2000-01-01' as timestamp))), "
            ~ "case when date_trunc('week', cast('2000-01-02' as date)) = cast('1999-12-27' as date) "
            ~ "then 'monday' else 'another day' end, "
            ~ "case when 'B' < 'a' and 'z' < 'ä' then 'bytes' else 'a collation' end"
        ).rows[0] -%}
        {%- if row[0] != 'TIMESTAMP_NTZ' or row[1] != 'monday' or row[2] != 'bytes' -%}
            {{ exceptions.raise_compiler_error(
                "In this session of Snowflake a timestamp is " ~ row[0] ~ ", a week begins on "
                ~ row[1] ~ " and text sorts by " ~ row[2] ~ ": set the parameters of the user "
                ~ "TIMESTAMP_TYPE_MAPPING to TIMESTAMP_NTZ and WEEK_START to 0 or 1, and unset "
                ~ "DEFAULT_DDL_COLLATION"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
