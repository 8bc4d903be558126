{# Incremental strategy: how recomputed rows replace stored rows. #}

{# Deletes all rows of affected keys and inserts the recomputed rows. Unlike delete+insert, which
   deletes by the keys of the new rows, this also removes keys that no longer have any rows.
   `unique_key` of such a model is the key it is recomputed by, not its primary key. Its meta
   `affected_key` and `affected_reach` give the name of that key in affected_keys and the reach. #}
{% macro get_incremental_replace_affected_sql(arguments) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- if has_prior_loads() %}
    {{ planner_settings_for_deletes() }}
    delete from {{ arguments['target_relation'] }}
    where {{ arguments['unique_key'] }} in {{ affected_keys(
        meta.get('affected_key', arguments['unique_key']),
        meta.get('affected_reach', 'scope')
    ) }};
    {%- endif %}

    {{ insert_recomputed(arguments) }}
{%- endmacro %}


{% macro insert_recomputed(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
