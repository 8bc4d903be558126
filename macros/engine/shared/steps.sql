{# Tables in which a statement that follows finds what this one has computed. #}
{# Stores the rows of a query in the table of a step. #}
{% macro create_step(step, query) -%}
    {{ return(adapter.dispatch('create_step', 'readership')(step, query)) }}
{%- endmacro %}


{% macro default__create_step(step, query) -%}
    {%- call statement('step') -%}
        create or replace table {{ step }}{{ format_of_tables() }} as
        {{ query }}
    {%- endcall -%}
{%- endmacro %}


{% macro drop_steps(steps) -%}
    {%- for step in steps -%}
        {%- call statement('drop_step') -%} {{ readership.drop_step(step) }} {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}


{% macro drop_step(step) -%}
    {{ return(adapter.dispatch('drop_step', 'readership')(step)) }}
{%- endmacro %}


{% macro default__drop_step(step) -%}
    drop table if exists {{ step }}
{%- endmacro %}
