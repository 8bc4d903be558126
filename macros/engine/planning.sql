{# Statement at the end of the pre-hook of incremental models, `;` before it: how the engine is to
   plan what they read. #}
{% macro planned_to_read() -%}
    {{ return(adapter.dispatch('planned_to_read', 'readership')()) }}
{%- endmacro %}

{% macro default__planned_to_read() -%}
{%- endmacro %}

{# PostgreSQL cannot know how much the loads that were claimed a moment ago touch, takes it for a
   row, and would go through all raw events once for each row that there is; and parallel workers
   would open every one of them before it is known which are asked for. #}
{% macro postgres__planned_to_read() -%}
    ;
        set local enable_nestloop = off;
        set local max_parallel_workers_per_gather = 0
{%- endmacro %}


{# Statement, `;` after it, before the deletes by key, which go by the indexes. #}
{% macro planned_to_replace() -%}
    {{ return(adapter.dispatch('planned_to_replace', 'readership')()) }}
{%- endmacro %}

{% macro default__planned_to_replace() -%}
{%- endmacro %}

{% macro postgres__planned_to_replace() -%}
    set local enable_nestloop = on;
{%- endmacro %}
