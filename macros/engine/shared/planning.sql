{# Statements at the end of the pre-hook of incremental models: planner settings for the model's
   query. #}
{% macro planner_settings_for_reads() -%}
    {{ return(adapter.dispatch('planner_settings_for_reads', 'readership')()) }}
{%- endmacro %}

{% macro default__planner_settings_for_reads() -%}
{%- endmacro %}

{# PostgreSQL has no statistics on the loads claimed a moment ago. It estimates one row, and
   would scan all raw events once for each actual row; parallel workers would open all of them
   before the filter is known. #}
{% macro postgres__planner_settings_for_reads() -%}
    set local enable_nestloop = off;
    set local max_parallel_workers_per_gather = 0
{%- endmacro %}


{# Statement, followed by `;`, before the deletes by key, which should use the indexes. #}
{% macro planner_settings_for_deletes() -%}
    {{ return(adapter.dispatch('planner_settings_for_deletes', 'readership')()) }}
{%- endmacro %}

{% macro default__planner_settings_for_deletes() -%}
{%- endmacro %}

{% macro postgres__planner_settings_for_deletes() -%}
    set local enable_nestloop = on;
{%- endmacro %}
