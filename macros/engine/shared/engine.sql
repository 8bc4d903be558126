{# on-run-start: checks that the engine returns the same rows as the others. #}
{% macro check_engine() -%}
    {{ return(adapter.dispatch('check_engine', 'readership')()) }}
{%- endmacro %}

{% macro default__check_engine() -%}
{%- endmacro %}

{% macro postgres__check_engine() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'test', 'seed') -%}
        {%- set row = run_query(
            "select current_setting('server_version_num'), current_setting('server_version'), "
            ~ "'B' < 'a' and 'z' < 'ä', lower('Ä') = 'ä' and getdatabaseencoding() = 'UTF8'"
        ).rows[0] -%}
        {%- if row[0] | int < 160000 -%}
            {{ exceptions.raise_compiler_error(
                "The models require PostgreSQL 16 or newer, and this is " ~ row[1] ~ "."
            ) }}
        {%- endif -%}
        {%- if not (row[2] and row[3]) -%}
            {{ exceptions.raise_compiler_error(
                "The database " ~ target.dbname ~ " does not sort text by bytes or does not "
                ~ "lower-case letters beyond ASCII. Create one with: create database ... template "
                ~ "template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
