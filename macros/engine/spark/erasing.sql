{# The raw tables are those of a DuckDB file, written once a load. #}
{% macro spark__refuse_erasure() -%}
    {{ exceptions.raise_compiler_error(
        "erase_visitors: the events are in a DuckDB file: erase visitors there, with the target "
        ~ "duckdb, then build here with --full-refresh"
    ) }}
{%- endmacro %}
