{# on-run-start: a clear message when the warehouse has no raw tables, or lacks the seeds that
   `dbt run` does not load, instead of a missing-relation error. #}
{% macro check_prerequisites() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test') -%}
        {%- if readership.reads_table() -%}
            {{ return(readership.check_table()) }}
        {%- endif -%}
        {%- set events = source('raw', 'events') -%}
        {%- if load_relation(events) is none -%}
            {{ exceptions.raise_compiler_error(
                "There is no " ~ events.schema ~ ".events in this warehouse: load event files first "
                ~ "(`make run`, or `readership load PATH`), or create empty tables with "
                ~ "`readership init`."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- if execute and flags.WHICH == 'run' -%}
        {%- for seed in seeds_of_project() if not is_deferred(seed) -%}
            {%- if adapter.get_relation(seed.database, seed.schema, seed.alias) is none -%}
                {{ exceptions.raise_compiler_error(
                    "There is no " ~ seed.alias ~ " in this warehouse: load the seeds first with "
                    ~ "`dbt seed`, or run `dbt build`, which includes them."
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
