{#
    Incremental materialization for models with prior loads. When a model has claimed no load, its
    SQL is skipped; that is most models in most runs. dbt's own materialization would run it, and
    looks up the columns several times. Full refreshes, and models of a project that installs this
    one as a package, use dbt's own.
#}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if
        model.package_name != 'readership'
        or existing is none
        or not existing.is_table
        or should_full_refresh()
    -%}
        {{ return(dbt.materialization_incremental_duckdb()) }}
    {%- endif -%}
    {{ return(readership.update_incremental(existing)) }}
{% endmaterialization %}


{% macro update_incremental(existing) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if has_no_claimed_loads() -%}
        {#- Without a claiming pre-hook, no transaction may be open for the commit. -#}
        {%- call statement('nothing') -%} select 1 {%- endcall -%}
        {%- call noop_statement('main', 'NOTHING NEW', 'NOTHING NEW', 0) -%}{%- endcall -%}
    {%- else -%}
        {%- set recomputed = make_temp_relation(target) -%}
        {%- do run_query(get_create_table_as_sql(True, recomputed, sql)) -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(
            context, config.get('incremental_strategy')
        ) -%}
        {%- set replacing = strategy({
            'target_relation': target,
            'temp_relation': recomputed,
            'unique_key': config.get('unique_key'),
            'dest_columns': unchanged_columns(recomputed, existing),
            'incremental_predicates': none,
        }) -%}
        {%- call statement('main') -%}
            {{ replacing }}
        {%- endcall -%}
        {%- do apply_grants(
            target, config.get('grants'), should_revoke(existing, full_refresh_mode=False)
        ) -%}
        {%- do persist_docs(target, model) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmacro %}


{# The columns of the table. The recomputed rows must have the same ones, because
   on_schema_change is fail. #}
{% macro unchanged_columns(recomputed, existing) -%}
    {%- set stored = adapter.get_columns_in_relation(existing) -%}
    {%- set types = {'stored': {}, 'recomputed': {}} -%}
    {%- for column in stored -%}
        {%- do types['stored'].update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- for column in adapter.get_columns_in_relation(recomputed) -%}
        {%- do types['recomputed'].update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- if types['stored'] != types['recomputed'] -%}
        {%- do dbt.process_schema_changes('fail', recomputed, existing) -%}
    {%- endif -%}
    {{ return(stored) }}
{%- endmacro %}


{# Whether this model's pre-hook has claimed no load. A model without the hook never has loads. #}
{% macro has_no_claimed_loads() -%}
    {%- if model.name in readership.tables_of_loads() or flags.EMPTY -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set claimed = run_query(
        "select 1 from " ~ claimed_loads_table() ~ " where model = '" ~ this.identifier
        ~ "' and invocation_id = '" ~ invocation_id ~ "' limit 1"
    ) -%}
    {{ return(claimed.rows | length == 0) }}
{%- endmacro %}
