{# Incremental strategies: how recomputed rows replace stored rows. A run that died may have done
   each statement or none; the same statements after it give the same rows. #}

{# Deletes all rows of affected keys and inserts the recomputed rows. Unlike delete+insert, which
   deletes by the keys of the new rows, this also removes keys that no longer have any rows.
   `unique_key` of such a model is the key it is recomputed by, not its primary key. Its meta
   `affected_key` and `affected_reach` give the name of that key in affected_keys and the reach. #}
{% macro get_incremental_replace_affected_sql(arguments) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- if has_prior_loads() %}
    {{ planner_settings_for_deletes() }}
    {{ deletion_of_rows_among(
        arguments['target_relation'],
        arguments['unique_key'],
        affected_keys(
            meta.get('affected_key', arguments['unique_key']), meta.get('affected_reach', 'scope')
        )
    ) }};
    {%- endif %}

    {{ insert_recomputed(arguments) }}
{%- endmacro %}


{# Replaces the rows of the claimed loads. When days are rebuilt, their rows are of other loads: one
   statement replaces them by `unique_key`. If they were deleted first, a run that died then would
   leave none, and the keys of those that another version of their file replaces before the next run
   would be known no more. #}
{% macro get_incremental_replace_loads_sql(arguments) -%}
    delete from {{ arguments['target_relation'] }}
    where load_id in {{ claimed_loads() }};

    {% if arguments['unique_key'] and rebuilds_days() -%}
    {{ get_merge_sql(
        arguments['target_relation'], arguments['temp_relation'], arguments['unique_key'],
        arguments['dest_columns']
    ) }}
    {%- else -%}
    {{ insert_recomputed(arguments) }}
    {%- endif -%}
{%- endmacro %}


{% macro insert_recomputed(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
