{#
    On PostgreSQL the service reads the tables themselves, while they change. Functions of the schema
    of the answers tell it, in the transaction of a call, which state of them it sees:

    - `version()` is of every row that answers may read. Each table has a trigger that counts the
      statements which changed it, in the transaction that does, whoever makes it: a build, an
      erasure, SQL by hand. So two transactions with the same version see the same rows. A table
      that was created anew since answers were published has no trigger: its version then changes
      with every transaction of the server, until they are published again.
    - `places()` is of the files of the tables. A table that is truncated or created anew looks empty
      to transactions that began before. A call that finds other places at its end begins again.
    - `sites()` has the clocks of the sites.
#}

{# Statement: the sites, with their clocks. #}
{% macro answer_sites() -%}
    {%- call readership.table_answer('sites', [], columns=[
        ('site_id', 'text'), ('time_zone', 'text'), ('first_event_at', 'timestamp'),
        ('as_of_at', 'timestamp'), ('as_of_date', 'date'),
    ]) -%}
select site_id, time_zone, first_event_at, as_of_at, as_of_date
from {{ ref('dim_sites') }}
    {%- endcall -%}
{%- endmacro %}


{# Statements that create the functions of versions, and triggers where tables have none. #}
{% macro answer_versions(answers) -%}
    {%- set schema = readership.answers_schema() -%}
    {%- set relations = readership.relations_of_answers(answers) -%}
    {%- set rows = [] -%}
    {%- set statements = [] -%}
    {%- for relation in relations -%}
        {%- do rows.append(
            '(' ~ dbt.string_literal(relation.schema) ~ ', ' ~ dbt.string_literal(relation.alias) ~ ')'
        ) -%}
        {%- if relation.config.materialized != 'view' -%}
            {%- do statements.append(readership.postgres__count_changes(relation, schema)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return([
        "create table if not exists " ~ schema ~ ".changes (schema_name text, table_name text, "
        ~ "changes bigint not null, changed_at timestamp not null, "
        ~ "primary key (schema_name, table_name))",
        "insert into " ~ schema ~ ".changes select named.*, 0, "
        ~ readership.time_of_engine() ~ " from (values " ~ rows | join(', ') ~ ") as named on conflict do nothing",
        readership.postgres__note_change(schema),
    ] + statements + [
        readership.postgres__relations(schema, rows), readership.postgres__places(schema),
        readership.postgres__version(schema, answers),
    ]) }}
{%- endmacro %}


{# The models that answers read, by themselves or through views. #}
{% macro relations_of_answers(answers) -%}
    {%- set text = answers | join('\n') -%}
    {%- set found = {} -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
        {%- if node.relation_name in text -%}
            {%- do readership.add_with_upstream(node, found) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found.values() | sort(attribute='unique_id')) }}
{%- endmacro %}

{% macro add_with_upstream(node, found) -%}
    {%- if node.unique_id not in found and node.resource_type in ('model', 'seed') -%}
        {%- do found.update({node.unique_id: node}) -%}
        {%- if node.config.materialized == 'view' -%}
            {%- for unique_id in node.depends_on.nodes if unique_id in graph.nodes -%}
                {%- do readership.add_with_upstream(graph.nodes[unique_id], found) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# ---------- PostgreSQL helpers #}

{# Statement: drops the functions of the answers, but for that of the triggers. #}
{% macro postgres__drop_functions(schema) -%}
do $dropped$
declare
    name regprocedure;
begin
    for name in
        select pg_proc.oid
        from pg_proc
        where pg_proc.pronamespace = '{{ schema }}'::regnamespace and pg_proc.proname <> 'note_change'
    loop
        execute format('drop function %s', name);
    end loop;
end
$dropped$
{%- endmacro %}


{# Statement: counts the change of a table. With the rights of its owner, so that whoever may change
   a table needs none on the counts. #}
{% macro postgres__note_change(schema) -%}
create or replace function {{ schema }}.note_change() returns trigger
language plpgsql
security definer
set search_path = ''
as $note$
begin
    insert into {{ schema }}.changes as counted (schema_name, table_name, changes, changed_at)
    values (tg_table_schema, tg_table_name, 1, {{ readership.time_of_engine() }})
    on conflict (schema_name, table_name)
        do update set changes = counted.changes + 1, changed_at = excluded.changed_at;
    return null;
end
$note$
{%- endmacro %}


{# Statement: creates the trigger of a table unless it has one. #}
{% macro postgres__count_changes(relation, schema) -%}
do $trigger$
begin
    if not exists (
        select 1
        from pg_trigger
        where tgrelid = '{{ relation.relation_name }}'::regclass and tgname = 'note_change_of_answers'
    ) then
        create trigger note_change_of_answers
            after insert or update or delete or truncate on {{ relation.relation_name }}
            for each statement execute function {{ schema }}.note_change();
        alter table {{ relation.relation_name }} enable always trigger note_change_of_answers;
    end if;
end
$trigger$
{%- endmacro %}


{# Statement: the relations that answers read. #}
{% macro postgres__relations(schema, rows) -%}
create function {{ schema }}.relations()
returns table (schema_name name, relation_name name, id oid, kind "char", file oid)
language sql stable
as $answer$
select
    named.schema_name,
    named.relation_name,
    pg_class.oid,
    pg_class.relkind,
    pg_class.relfilenode
from (values {{ rows | join(', ') }}) as named (schema_name, relation_name)
left join pg_namespace on named.schema_name = pg_namespace.nspname
left join pg_class
    on pg_namespace.oid = pg_class.relnamespace and named.relation_name = pg_class.relname
$answer$
{%- endmacro %}


{# Statement: the files of all tables. #}
{% macro postgres__places(schema) -%}
create function {{ schema }}.places() returns text
language sql stable
as $answer$
select
    string_agg(
        cast(relations.file as text),
        ' ' order by relations.schema_name, relations.relation_name
    )
from {{ schema }}.relations() as relations
$answer$
{%- endmacro %}


{# Statement: the version of all rows, the places of now, the time of the last change in UTC. #}
{% macro postgres__version(schema, answers) -%}
create function {{ schema }}.version() returns table (version text, places text, changed_at timestamp)
language sql stable
as $answer$
select
    md5('{{ local_md5(answers | join) }}' || string_agg(
        concat_ws(
            ' ',
            relations.schema_name, relations.relation_name, relations.id, relations.file,
            coalesce(changes.changes, 0),
            case
                when relations.kind = 'v' then pg_get_viewdef(relations.id)
                when pg_trigger.oid is null then cast(pg_current_snapshot() as text)
            end
        ),
        ' ' order by relations.schema_name, relations.relation_name
    )),
    {{ schema }}.places(),
    max(changes.changed_at)
from {{ schema }}.relations() as relations
left join {{ schema }}.changes as changes
    on
        relations.schema_name = changes.schema_name
        and relations.relation_name = changes.table_name
left join pg_trigger
    on
        relations.id = pg_trigger.tgrelid
        and pg_trigger.tgname = 'note_change_of_answers'
        and pg_trigger.tgenabled = 'A'
$answer$
{%- endmacro %}
