{# Tables and views are replaced by one statement of dbt's. Each statement commits by itself. dbt's own
   incremental materialization knows no strategies but its own. #}
{% materialization incremental, adapter='bigquery' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_incremental_bigquery()) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() -%}
        {{ return(dbt.materialization_table_bigquery()) }}
    {%- endif -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if has_no_claimed_loads() -%}
        {%- call noop_statement('main', 'NOTHING NEW', 'NOTHING NEW', 0) -%}{%- endcall -%}
    {%- else -%}
        {%- set recomputed = make_temp_relation(target) -%}
        {%- do run_query(get_create_table_as_sql(True, recomputed, sql)) -%}
        {%- set strategy = config.get('incremental_strategy') | replace('+', '_') -%}
        {%- set replacing = context['get_incremental_' ~ strategy ~ '_sql']({
            'target_relation': target,
            'temp_relation': recomputed,
            'unique_key': config.get('unique_key'),
            'dest_columns': unchanged_columns(recomputed, existing),
            'incremental_predicates': none,
        }) -%}
        {%- call statement('main') -%}
            {{ replacing }}
        {%- endcall -%}
        {%- do drop_relation_if_exists(recomputed) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# dbt's macro, but for the names of types. #}
{% macro bigquery__load_csv_rows(model, agate_table) -%}
    {%- set types = {} -%}
    {%- for column, type in model['config'].get('column_types', {}).items() -%}
        {%- do types.update({column: readership.bigquery__type_of_contract(type)}) -%}
    {%- endfor -%}
    {%- do adapter.load_dataframe(
        model['database'], model['schema'], model['alias'], agate_table, types,
        model['config']['delimiter']
    ) -%}
    {%- if config.persist_relation_docs() and 'description' in model -%}
        {%- do adapter.update_table_description(
            model['database'], model['schema'], model['alias'], model['description']
        ) -%}
    {%- endif -%}
{%- endmacro %}
