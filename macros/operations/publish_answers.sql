{#
    dbt run-operation publish_answers

    Publishes the answers to API calls in the warehouse, for a service to read. The schema answers
    gets one table macro per endpoint, rendered from the SQL of its export, those that counting reads,
    scalar macros for the sites' time zones, and the name of the exports' schema. They hold no rows. On
    PostgreSQL, where nothing is counted, they are SQL functions (answer_routines.sql), beside what tells the service whether
    rows have changed (answer_versions.sql). Publish again after the SQL of an export changes.
#}
{% macro publish_answers() -%}
    {%- if execute and not readership.is_enabled('api_responses') -%}
        {%- do print("No answers to API calls are written: the exports are disabled.") -%}
        {{ return('') }}
    {%- endif -%}
    {{ return(adapter.dispatch('publish_answers', 'readership')()) }}
{%- endmacro %}

{% macro default__publish_answers() -%}
    {{ exceptions.raise_compiler_error(
        "Answers can be published on DuckDB and PostgreSQL; on " ~ target.type
        ~ ", read the api_* views."
    ) }}
{%- endmacro %}

{% macro duckdb__publish_answers() -%}
    {%- if execute -%}
        {%- do run_query("create schema if not exists " ~ readership.answers_schema()) -%}
        {#- A snapshot that a service reads has a different database name. -#}
        {%- set named = adapter.quote(target.database) ~ '.' -%}
        {%- set statements = readership.answer_statements() + readership.counted_answer_macros() -%}
        {%- for statement in statements -%}
            {%- do run_query(statement | replace(named, '')) -%}
        {%- endfor -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}

{#- In one transaction: calls find all functions of before or all of now. Functions with other
    parameters would stand beside those of before, so these are dropped. -#}
{% macro postgres__publish_answers() -%}
    {%- if execute -%}
        {%- set schema = readership.answers_schema() -%}
        {%- set named = adapter.quote(target.dbname) ~ '.' -%}
        {%- set answers = (
            readership.postgres__json_functions(schema) + readership.answer_statements()
            + [readership.answer_sites()]
        ) -%}
        {%- set statements = [
            "create schema if not exists " ~ schema,
            "select pg_advisory_xact_lock(hashtext('readership: publish answers'))",
            readership.postgres__drop_functions(schema),
        ] + answers + readership.answer_versions(answers) -%}
        {%- do run_committed(statements | join(';\n') | replace(named, '')) -%}
    {%- endif -%}
{%- endmacro %}


{% macro answer_statements() -%}
    {%- set statements = [] -%}
    {%- for path, endpoint in readership.endpoints().items() -%}
        {%- do statements.append(readership.answer_macro(path, endpoint)) -%}
    {%- endfor -%}
    {%- do statements.extend(readership.other_answer_macros()) -%}
    {%- do statements.extend(readership.dashboard_answers()) -%}
    {%- do statements.append(readership.scalar_answer(
        'with_itm_source', ['requested_row', 'requested_parameter'],
        readership.row_with_url_parameter('requested_row', 'requested_parameter'),
    )) -%}
    {%- for name, is_last in [('first_instant', false), ('last_instant', true)] -%}
        {%- do statements.append(readership.scalar_answer(
            name, ['requested_wall_time', 'requested_time_zone'],
            readership.instant_of('requested_wall_time', 'requested_time_zone', is_last),
            type='timestamp',
        )) -%}
    {%- endfor -%}
    {%- do statements.append(readership.scalar_answer(
        'exports_schema', [], dbt.string_literal(ref('api_responses').schema),
    )) -%}
    {{ return(statements) }}
{%- endmacro %}


{% macro answer_macro(path, endpoint) -%}
    {%- call readership.table_answer(path | replace('/', '_'), readership.requested_parameters()) -%}
with rows_of as (
    select *
    from {{ readership.export(endpoint['export']) }}
    where {{ endpoint.get('condition', 'true') }}
),

ranked as (
    select
        *,
        row_number() over (
            order by
                {{ readership.sort_value('requested_sort') }} desc,
                {{ endpoint['ties'] | join(', ') }}
        ) as position,
        count(*) over () as rows_total
    from rows_of
)

select
    position,
    rows_total,
    {{ readership.row_json(endpoint) }} as row_json
from ranked
where position > requested_skip and position <= requested_skip + requested_rows
order by position
    {%- endcall -%}
{%- endmacro %}
