{#
    How tables, views and seeds are replaced on PostgreSQL.

    A PostgreSQL view depends on the tables it was created from, not on their names. dbt's default
    creates another table, renames twice and drops the old one with `cascade`, which also drops
    every view that reads it. Here the table stays and gets the new rows. It is dropped only when
    its columns change, in the transaction that creates the new one, and its dependent views are
    recreated from their definitions. Nothing is dropped with cascade, and a run that dies leaves
    the previous state.
#}

{% materialization table, adapter='postgres' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_table_default()) }}
    {%- endif -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set made = target if existing is none else make_intermediate_relation(target) -%}
    {%- do drop_relation_if_exists(load_cached_relation(make_intermediate_relation(target))) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, made, sql) }}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do postgres__replace_relation(made, existing, target) -%}
    {%- endif -%}
    {%- do create_indexes(target) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do apply_grants(
        target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)
    ) -%}
    {%- do persist_docs(target, model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# On a full refresh, replaced in the same way as a table. #}
{% materialization incremental, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is none or not existing.is_table or should_full_refresh() -%}
        {{ return(readership.materialization_table_postgres()) }}
    {%- endif -%}
    {{ return(readership.update_incremental(existing)) }}
{% endmaterialization %}


{# Overrides the dbt macro that empties a seed, or recreates it in a full refresh, before its
   rows are inserted. #}
{% macro postgres__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
    {%- if not full_refresh -%}
        {{ return(dbt.default__reset_csv_table(model, full_refresh, old_relation, agate_table)) }}
    {%- endif -%}
    {%- set made = make_intermediate_relation(old_relation) -%}
    {%- set aside = make_backup_relation(old_relation, 'table') -%}
    {%- do run_query(get_rename_table_sql(old_relation, aside.identifier)) -%}
    {%- set create_sql = create_csv_table(model, agate_table) -%}
    {%- do run_query(get_rename_table_sql(old_relation, made.identifier)) -%}
    {%- do run_query(get_rename_table_sql(aside, old_relation.identifier)) -%}
    {%- do postgres__replace_relation(made, old_relation, old_relation) -%}
    {{ return(create_sql) }}
{%- endmacro %}


{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set definition = get_replace_view_sql(target, sql) -%}
    {%- call statement('main') -%}
        {%- if existing is none -%}
        {{ definition }}
        {%- elif existing.is_view -%}
        {{ postgres__replace_view(target, definition) }}
        {%- else -%}
        {{ postgres__recreate_with_views(existing, definition) }}
        {%- endif -%}
    {%- endcall -%}
    {%- do postgres__warn_of_lost_views() -%}
    {%- do apply_grants(
        target, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=False)
    ) -%}
    {%- do persist_docs(target, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{# Statement: replaces a view. PostgreSQL allows this unless columns are removed, changed or
   reordered. #}
{% macro postgres__replace_view(view, definition) -%}
do $replaced$
begin
    execute $definition${{ definition }}$definition$;
exception when invalid_table_definition then
    {{ postgres__recreate_with_views(view, definition) }}
end
$replaced$;
{%- endmacro %}


{# Replaces the existing relation with a newly created table. #}
{% macro postgres__replace_relation(made, existing, target) -%}
    {%- if existing.is_table and postgres__have_same_columns(made, existing) -%}
        {%- call statement('refill') -%}
        {{ postgres__empty_table(target) }}
        insert into {{ target }} select * from {{ made }};
        drop table {{ made }};
        {%- endcall -%}
    {%- else -%}
        {%- call statement('swap') -%}
        {{ postgres__recreate_with_views(existing, get_rename_table_sql(made, target.identifier)) }}
        {%- endcall -%}
        {%- do postgres__warn_of_lost_views() -%}
    {%- endif -%}
{%- endmacro %}


{# Statements that empty a table. For a table replaced in each run, `delete` does not block its
   readers. For a full refresh of a large table, `truncate` leaves no dead rows; its indexes, which
   dbt names by 32 digits, are created after the rows. #}
{% macro postgres__empty_table(table) -%}
    {%- if config.get('materialized') != 'incremental' %}
    delete from {{ table }};
    {%- else %}
    do $emptied$
    declare
        name regclass;
    begin
        for name in
            select pg_index.indexrelid
            from pg_index
            inner join pg_class on pg_index.indexrelid = pg_class.oid
            where
                pg_index.indrelid = '{{ table }}'::regclass
                and pg_class.relname ~ '^[0-9a-f]{32}$'
        loop
            execute format('drop index %s', name);
        end loop;
    end
    $emptied$;
    truncate {{ table }};
    {%- endif %}
{%- endmacro %}


{% macro postgres__have_same_columns(one, other) -%}
    {%- set columns = [] -%}
    {%- for relation in (one, other) -%}
        {%- do columns.append(
            "array(select (attname, atttypid, atttypmod, attnotnull)::text from pg_attribute "
            ~ "where attrelid = '" ~ relation ~ "'::regclass and attnum > 0 and not attisdropped "
            ~ "order by attnum)"
        ) -%}
    {%- endfor -%}
    {{ return(run_query('select ' ~ columns | join(' = ')).rows[0][0]) }}
{%- endmacro %}


{#
    Statement: drops a relation, runs a statement that creates another with the same name, and
    recreates the views that read it, directly or through others: definition, options, comments,
    grants. Views are dropped before what they read, in the order in which readers lock them, so
    that neither deadlocks. Only one such statement runs at a time. A view that cannot be recreated,
    because it needs a removed column, is recorded for postgres__warn_of_lost_views().
#}
{% macro postgres__recreate_with_views(relation, create_statement) -%}
do $dropped$
declare
    dependent record;
    dependents jsonb;
    lost text[] := '{}';
begin
    perform pg_advisory_xact_lock(hashtext('readership: recreate views'));
    with recursive reads as (
        select distinct pg_rewrite.ev_class as reader, pg_depend.refobjid as read
        from pg_depend
        inner join pg_rewrite on pg_depend.objid = pg_rewrite.oid
        where
            pg_depend.classid = 'pg_rewrite'::regclass
            and pg_depend.refclassid = 'pg_class'::regclass
            and pg_depend.refobjid <> pg_rewrite.ev_class
    ),

    readers as (
        select reader, 1 as height
        from reads
        where read = '{{ relation }}'::regclass
        union
        select reads.reader, readers.height + 1
        from reads
        inner join readers on reads.read = readers.reader
    ),

    heights as (
        select reader, max(height) as height
        from readers
        group by reader
    ),

    comments as (
        select
            pg_description.objoid as reader,
            string_agg(format(
                'comment on %s%s is %L;',
                case when pg_description.objsubid = 0 then 'view ' else 'column ' end
                || pg_description.objoid::regclass,
                '.' || quote_ident(pg_attribute.attname),
                pg_description.description
            ), ' ') as statements
        from pg_description
        left join pg_attribute
            on
                pg_description.objoid = pg_attribute.attrelid
                and pg_description.objsubid = pg_attribute.attnum
                and pg_attribute.attnum > 0
        where
            pg_description.classoid = 'pg_class'::regclass
            and pg_description.objoid in (select reader from heights)
        group by pg_description.objoid
    ),

    grants as (
        select
            pg_class.oid as reader,
            string_agg(format(
                'grant %s on %s to %s%s;',
                acl.privilege_type,
                pg_class.oid::regclass,
                case when acl.grantee = 0 then 'public' else acl.grantee::regrole::text end,
                case when acl.is_grantable then ' with grant option' else '' end
            ), ' ') as statements
        from pg_class
        cross join aclexplode(pg_class.relacl) as acl
        where acl.grantee <> pg_class.relowner and pg_class.oid in (select reader from heights)
        group by pg_class.oid
    )

    select jsonb_agg(jsonb_build_object(
        'name', heights.reader::regclass::text,
        'statements', concat_ws(
            ' ',
            format(
                'create view %s%s as %s',
                heights.reader::regclass,
                ' with (' || array_to_string(pg_class.reloptions, ', ') || ')',
                pg_get_viewdef(heights.reader)
            ),
            comments.statements,
            grants.statements
        )
    ) order by heights.height, heights.reader)
    into dependents
    from heights
    inner join pg_class on heights.reader = pg_class.oid
    left join comments on heights.reader = comments.reader
    left join grants on heights.reader = grants.reader
    where pg_class.relkind = 'v';

    for dependent in
        select found.value ->> 'name' as name
        from jsonb_array_elements(dependents) with ordinality as found
        order by found.ordinality desc
    loop
        execute format('drop view %s', dependent.name);
    end loop;
    drop {{ relation.type | replace('_', ' ') }} {{ relation }};
    execute $create${{ create_statement }}$create$;
    for dependent in
        select found.value ->> 'name' as name, found.value ->> 'statements' as statements
        from jsonb_array_elements(dependents) with ordinality as found
        order by found.ordinality
    loop
        begin
            execute dependent.statements;
        exception when syntax_error_or_access_rule_violation then
            lost := lost || dependent.name;
        end;
    end loop;
    perform set_config('readership.lost_views', array_to_string(lost, ', '), true);
end
$dropped$;
{%- endmacro %}


{# Warns about the views that the transaction could not recreate, except those that the run
   builds itself. #}
{% macro postgres__warn_of_lost_views() -%}
    {%- set selected = [] -%}
    {%- for unique_id in selected_resources if unique_id in graph.nodes -%}
        {%- do selected.append(graph.nodes[unique_id].alias) -%}
    {%- endfor -%}
    {%- set lost_views = run_query(
        "select current_setting('readership.lost_views', true)"
    ).rows[0][0] -%}
    {%- set lost = [] -%}
    {%- for name in (lost_views or '').split(', ') if name and name.split('.')[-1] not in selected -%}
        {%- do lost.append(name) -%}
    {%- endfor -%}
    {%- if lost -%}
        {%- do print(
            "The columns of " ~ this.identifier ~ " have changed, and these views are dropped until "
            ~ "they are rebuilt: " ~ lost | join(', ') ~ "."
        ) -%}
    {%- endif -%}
{%- endmacro %}
