{# Statement at the end of the pre-hook of incremental models, after a `;`: planner settings for
   the model's query. #}
{% macro planned_to_read() -%}
    {{ return(adapter.dispatch('planned_to_read', 'readership')()) }}
{%- endmacro %}

{% macro default__planned_to_read() -%}
{%- endmacro %}

{# PostgreSQL has no statistics on the loads claimed a moment ago. It estimates one row, and
   would scan all raw events once for each actual row; parallel workers would open all of them
   before the filter is known. #}
{% macro postgres__planned_to_read() -%}
    ;
        set local enable_nestloop = off;
        set local max_parallel_workers_per_gather = 0
{%- endmacro %}


{# Statement, followed by `;`, before the deletes by key, which should use the indexes. #}
{% macro planned_to_replace() -%}
    {{ return(adapter.dispatch('planned_to_replace', 'readership')()) }}
{%- endmacro %}

{% macro default__planned_to_replace() -%}
{%- endmacro %}

{% macro postgres__planned_to_replace() -%}
    set local enable_nestloop = on;
{%- endmacro %}
