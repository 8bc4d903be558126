{% macro databricks__refuse_erasure() -%}
{%- endmacro %}


{# There are no temporary tables that last from one statement to the next. #}
{% macro databricks__has_temporary_tables() -%}
    {{ return(false) }}
{%- endmacro %}


{# An update sets from other tables by a merge. #}
{% macro databricks__recount_of_files(files, counted) -%}
    {{ return(readership.trino__recount_of_files(files, counted)) }}
{%- endmacro %}
