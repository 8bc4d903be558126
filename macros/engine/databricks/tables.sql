{% macro databricks__format_of_tables() -%}
    {{ return(' using delta') }}
{%- endmacro %}


{# There is no `purge`. #}
{% macro databricks__drop_step(step) -%}
    {{ return(readership.default__drop_step(step)) }}
{%- endmacro %}
