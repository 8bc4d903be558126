{# Incremental models are replaced as on Spark: each statement commits by itself, and CTEs that are
   read more than once are stored before. Views and seeds are dbt's. #}
{% materialization table, adapter='athena' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_table_athena()) }}
    {%- endif -%}
    {{ return(readership.materialization_table_spark()) }}
{% endmaterialization %}


{% materialization incremental, adapter='athena' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_incremental_athena()) }}
    {%- endif -%}
    {{ return(readership.materialization_incremental_spark()) }}
{% endmaterialization %}


{# No statement replaces a table. A new one takes the name of the old one, by two statements: between
   them there is no table of that name, and a run that dies there leaves it to the next one. #}
{% macro athena__replace_table(existing, target, sql) -%}
    {%- set steps = readership.spark__stored_steps(sql) -%}
    {%- set replacement = readership.athena__beside(target, 'replacement') -%}
    {%- set replaced = readership.athena__beside(target, 'replaced') -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(steps.query) -%}
    {%- endif -%}
    {%- do readership.drop_steps([replacement, replaced]) -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- set is_replaced = existing is not none and existing.is_table -%}
    {%- call statement('main') -%}
        {{ readership.athena__table_of_query(
            replacement if is_replaced else target, steps.query, config.get('partitioned_by')
        ) }}
    {%- endcall -%}
    {%- if is_replaced -%}
        {%- do rename_relation(target, replaced) -%}
        {%- do rename_relation(replacement, target) -%}
        {%- do readership.drop_steps([replaced]) -%}
    {%- endif -%}
    {%- do readership.drop_steps(steps.relations) -%}
    {%- do persist_docs(target, model) -%}
{%- endmacro %}


{# A table whose files lie beside those of another. #}
{% macro athena__beside(relation, name) -%}
    {{ return(api.Relation.create(
        database=relation.database,
        schema=relation.schema,
        identifier=relation.identifier ~ '__' ~ name,
        s3_path_table_part=relation.identifier,
        type='table'
    )) }}
{%- endmacro %}


{# Statement that creates an Iceberg table with the rows of a query. #}
{% macro athena__table_of_query(relation, query, partitioned_by=none) -%}
    create table {{ relation }}
    with (
        table_type = 'iceberg',
        is_external = false,
        location = '{{ adapter.generate_s3_location(
            relation, target.s3_data_dir, target.s3_data_naming, target.s3_tmp_table_dir
        ) }}',
        {%- if partitioned_by %}
        partitioning = array['{{ partitioned_by | join("', '") }}'],
        {%- endif %}
        format = 'parquet'
    )
    as
    {{ query }}
{%- endmacro %}


{# There is no `create or replace`. #}
{% macro athena__create_step(step, query) -%}
    {%- do readership.drop_steps([step]) -%}
    {%- call statement('step') -%}
        {{ readership.athena__table_of_query(step, query) }}
    {%- endcall -%}
{%- endmacro %}


{# Statements that define something are read by another parser, which quotes names by backticks. #}
{% macro athena__drop_step(step) -%}
    drop table if exists {{ step.render_hive() }}
{%- endmacro %}


{# dbt's adapter has a macro in the way of dbt's own merge. #}
{% macro athena__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {%- set keys = [unique_key] if unique_key is string else unique_key -%}
    {%- set names = dest_columns | map(attribute='name') | list -%}
    merge into {{ target }} as stored
    using {{ source }} as recomputed
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}stored.{{ key }} = recomputed.{{ key }}
            {%- endfor %}
    when matched then update set
        {%- for name in names %}
        {{ name }} = recomputed.{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched then insert ({{ names | join(', ') }})
    values (recomputed.{{ names | join(', recomputed.') }})
{%- endmacro %}
