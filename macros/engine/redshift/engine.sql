{# dbt falls back to PostgreSQL's macros there, of which Redshift has too little. #}
{% macro redshift__check_engine() -%}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error(
            "readership does not build on Redshift, which has no ranges in window functions, no "
            ~ "lateral joins and no arrays: docs/engines.md names the engines that it builds on"
        ) }}
    {%- endif -%}
{%- endmacro %}
