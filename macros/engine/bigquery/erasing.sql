{# Each statement is a session of its own, which ends its temporary tables. #}
{% macro bigquery__has_temporary_tables() -%}
    {{ return(false) }}
{%- endmacro %}


{# A subquery that refers to the row outside must do so by an equality. #}
{% macro bigquery__erasure_of_rejected_lines(rejected, requests) -%}
    {{ return(readership.trino__erasure_of_rejected_lines(rejected, requests)) }}
{%- endmacro %}
