{#
    How tables, views and seeds are replaced on Spark, where each statement commits by itself.

    A table stays, with its comments and its history, and gets its new rows by one `insert
    overwrite`: readers see those before or those after. Where its columns differ, it is created
    anew. Comments of columns are part of that statement.
#}

{% materialization table, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- do readership.replace_table(load_cached_relation(this), target, sql) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# `create or replace view` may keep the old text in Iceberg's catalog over Hive's: the view is
   dropped first. A run that dies between leaves none, and the next one makes it. #}
{% materialization view, adapter='spark' %}
    {%- set target = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set columns = readership.spark__columns_of_query(sql) -%}
    {%- do readership.spark__check_contract(columns) -%}
    {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
    {%- call statement('main') -%}
        create view {{ target }} (
            {%- for name, _ in columns %}
            {{ name }} {{ readership.spark__comment_of_column(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ readership.spark__comment_of_relation() }}
        as
        {{ sql }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# The rows of recomputed keys replace the stored ones by the statements of the model's strategy, one
   after the other. They are computed before, into a table: a view would be computed again after
   the deletes, over what they left. #}
{% materialization incremental, adapter='spark' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or not existing.is_table or should_full_refresh() -%}
        {%- do readership.replace_table(existing, target, sql) -%}
    {%- elif has_no_claimed_loads() -%}
        {%- call noop_statement('main', 'NOTHING NEW', 'NOTHING NEW', 0) -%}{%- endcall -%}
    {%- else -%}
        {%- set steps = readership.spark__stored_steps(sql) -%}
        {%- set recomputed = readership.spark__step('new_rows') -%}
        {%- do readership.create_step(recomputed, steps.query) -%}
        {%- set arguments = {
            'target_relation': target,
            'temp_relation': recomputed,
            'unique_key': config.get('unique_key'),
            'dest_columns': unchanged_columns(recomputed, existing),
            'incremental_predicates': none,
        } -%}
        {%- set strategy = (config.get('incremental_strategy') or 'append') | replace('+', '_') -%}
        {%- if strategy == 'append' -%}
            {%- set replacing = insert_recomputed(arguments) -%}
        {%- else -%}
            {%- set replacing = context['get_incremental_' ~ strategy ~ '_sql'](arguments) -%}
        {%- endif -%}
        {%- for part in readership.spark__statements(replacing) -%}
            {%- call statement('main') -%}{{ part }}{%- endcall -%}
        {%- endfor -%}
        {%- do readership.drop_steps(steps.relations + [recomputed]) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# Statements of a text, which end with `;` at the end of a line. #}
{% macro spark__statements(text) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.split(';[ ]*\n', text ~ '\n') if part | trim -%}
        {%- do parts.append(part | trim) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}


{# Gives a table the rows of a query; creates it where there is none with these columns. #}
{% macro replace_table(existing, target, sql) -%}
    {{ return(adapter.dispatch('replace_table', 'readership')(existing, target, sql)) }}
{%- endmacro %}

{# Of an engine whose materializations call nothing of it. #}
{% macro default__replace_table(existing, target, sql) -%}
{%- endmacro %}

{% macro spark__replace_table(existing, target, sql) -%}
    {%- set steps = readership.spark__stored_steps(sql) -%}
    {%- set columns = readership.spark__columns_of_query(steps.query) -%}
    {%- do readership.spark__check_contract(columns) -%}
    {%- if existing is not none and not existing.is_table -%}
        {%- do drop_relation_if_exists(existing) -%}
    {%- endif -%}
    {%- if
        existing is none or not existing.is_table
        or columns != readership.spark__columns_of_table(target)
    -%}
        {%- call statement('create') -%}
        create or replace table {{ target }} (
            {%- for name, type in columns %}
            {{ name }} {{ type }} {{ readership.spark__comment_of_column(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ format_of_tables() }}
        {{ readership.spark__comment_of_relation() }}
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('main') -%}
        insert overwrite table {{ target }}
        {{ steps.query }}
    {%- endcall -%}
    {%- do readership.drop_steps(steps.relations) -%}
{%- endmacro %}


{# The columns of a query, pairs of name and type. The engine reads the query, and does not plan
   it. #}
{% macro spark__columns_of_query(sql) -%}
    {%- set columns = [] -%}
    {%- for row in run_query('describe query ' ~ sql).rows -%}
        {%- do columns.append((row[0], 'string' if row[1] == 'void' else row[1])) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{% macro spark__columns_of_table(relation) -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do columns.append((column.name, column.dtype)) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{# ---------- seeds #}

{# A seed that has its columns already gets its rows by the statement that inserts them. #}
{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {{ return(create_csv_table(model, agate_table)) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set wanted = readership.spark__columns_of_seed(model, agate_table) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set sql -%}
        create or replace table {{ this }} (
            {%- for name, type in wanted %}
            {{ name }} {{ type }} {{ readership.spark__comment_of_column(name) }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
        {{ format_of_tables() }}
        {{ readership.spark__comment_of_relation() }}
    {%- endset -%}
    {%- if existing is none or wanted != readership.spark__columns_of_table(this) -%}
        {%- call statement('create') -%}{{ sql }}{%- endcall -%}
    {%- endif -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set columns = readership.spark__columns_of_seed(model, agate_table) -%}
    {%- set sql -%}
        insert overwrite table {{ this }}
        {%- if agate_table.rows | length == 0 %}
        select * from {{ this }} where false
        {%- else %}
        select
            {%- for name, type in columns %}
            cast({{ name }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from values
            {%- for row in agate_table.rows %}
            (
                {%- for value in row -%}
                {{ 'null' if value is none else readership.text_literal(value | string) }}
                {{- ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor %}
            as listed ({{ columns | map('first') | join(', ') }})
        {%- endif %}
    {%- endset -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}

{% macro spark__columns_of_seed(model, agate_table) -%}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do columns.append((
            name | string,
            readership.spark__type_of_contract(
                types.get(name, adapter.convert_type(agate_table, loop.index0))
            ),
        )) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{% macro spark__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    delete from {{ target }} where {{ unique_key }} in (select {{ unique_key }} from {{ source }});

    {{ insert_recomputed({
        'target_relation': target, 'temp_relation': source, 'dest_columns': dest_columns
    }) }}
{%- endmacro %}


{# `comment '...'` of a relation; nothing without a description. #}
{% macro spark__comment_of_relation() -%}
    {%- if config.persist_relation_docs() and model.description -%}
    comment {{ readership.text_literal(model.description | trim) }}
    {%- endif -%}
{%- endmacro %}
