{# How the recomputed rows take the place of the stored ones. #}

{# Every row of a touched key goes, the recomputed rows come. Keys that have no rows any more lose
   theirs, which delete+insert by the new rows' keys would leave. `unique_key` of such a model is
   the key it is recomputed by, not its primary key; in its meta, `affected_key` and
   `affected_reach` say what that key is called in affected_keys and how far to go. #}
{% macro get_incremental_replace_affected_sql(arguments) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- if has_prior_loads() %}
    {{ planned_to_replace() }}
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
