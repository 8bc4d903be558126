{# Tables are replaced by one statement, incremental models as on Spark: each statement commits by
   itself, and CTEs that are read more than once are stored before. Views are dbt's. #}
{% materialization table, adapter='trino' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_table_trino()) }}
    {%- endif -%}
    {{ return(readership.materialization_table_spark()) }}
{% endmaterialization %}


{% materialization incremental, adapter='trino' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_incremental_trino()) }}
    {%- endif -%}
    {{ return(readership.materialization_incremental_spark()) }}
{% endmaterialization %}


{% macro trino__replace_table(existing, target, sql) -%}
    {%- set steps = readership.spark__stored_steps(sql) -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(steps.query) -%}
    {%- endif -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace table {{ target }}
        {{ readership.spark__comment_of_relation() }}
        as
        {{ steps.query }}
    {%- endcall -%}
    {%- do readership.drop_steps(steps.relations) -%}
    {%- do persist_docs(target, model, for_relation=false) -%}
{%- endmacro %}


{% macro trino__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {{ return(readership.spark__get_delete_insert_merge_sql(
        target, source, unique_key, dest_columns, none
    )) }}
{%- endmacro %}
