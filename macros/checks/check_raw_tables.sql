{# on-run-start: a warehouse without raw tables gets a sentence, not a missing-relation error. #}
{% macro check_raw_tables() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- set raw_schema = source('raw', 'events').schema -%}
        {%- set found = adapter.get_relation(
            database=target.database, schema=raw_schema, identifier='events'
        ) -%}
        {%- if found is none -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ raw_schema ~ ".events in this warehouse: load event files first "
                ~ "(`make run`, or `python -m loaders load PATH`), or make empty tables with "
                ~ "`python -m loaders init`."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
