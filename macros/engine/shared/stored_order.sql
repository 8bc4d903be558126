{# The order in which a model's rows are stored. An engine that stores columns writes a run of equal
   values once, so that rows of one day and visitor beside each other take up to a quarter less.
   PostgreSQL stores rows one by one, and clusters put rows into order by their own clauses: there a
   sort would be work for nothing. #}
{% macro stored_in_order_of(columns) -%}
    {{ return(adapter.dispatch('stored_in_order_of', 'readership')(columns)) }}
{%- endmacro %}

{% macro default__stored_in_order_of(columns) -%}
{%- endmacro %}

{% macro duckdb__stored_in_order_of(columns) -%}
order by {{ columns | join(', ') }}
{%- endmacro %}
