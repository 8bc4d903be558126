{#
    dbt run-operation publish_answers

    Publishes the answers to API calls in the warehouse, for a service to read. The schema answers
    gets one table macro per endpoint, rendered from the SQL of its export, those that counting reads,
    scalar macros for the sites' time zones, and the name of the exports' schema. They hold no rows.
    Publish again after the SQL of an export changes.
#}
{% macro publish_answers() -%}
    {{ return(adapter.dispatch('publish_answers', 'readership')()) }}
{%- endmacro %}

{% macro default__publish_answers() -%}
    {{ exceptions.raise_compiler_error(
        "Answers are DuckDB table macros; on " ~ target.type ~ ", read the api_* views."
    ) }}
{%- endmacro %}

{% macro duckdb__publish_answers() -%}
    {%- if execute -%}
        {%- do run_query("create schema if not exists answers") -%}
        {#- A snapshot that a service reads has a different database name. -#}
        {%- set named = adapter.quote(target.database) ~ '.' -%}
        {%- for statement in readership.answer_statements() -%}
            {%- do run_query(statement | replace(named, '')) -%}
        {%- endfor -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}


{% macro answer_statements() -%}
    {%- set statements = [] -%}
    {%- for path, endpoint in readership.endpoints().items() -%}
        {%- do statements.append(readership.answer_macro(path, endpoint)) -%}
    {%- endfor -%}
    {%- do statements.extend(readership.other_answer_macros()) -%}
    {%- do statements.extend(readership.counted_answer_macros()) -%}
    {%- for name, is_last in [('first_instant', false), ('last_instant', true)] -%}
        {%- do statements.append(
            "create or replace macro answers." ~ name ~ "(requested_wall_time, requested_time_zone) as "
            ~ readership.instant_of('requested_wall_time', 'requested_time_zone', is_last)
        ) -%}
    {%- endfor -%}
    {%- do statements.append(
        "create or replace macro answers.exports_schema() as "
        ~ dbt.string_literal(ref('api_responses').schema)
    ) -%}
    {{ return(statements) }}
{%- endmacro %}


{% macro answer_macro(path, endpoint) -%}
    {%- set name = path | replace('/', '_') -%}
    {%- set text -%}
create or replace macro answers.{{ name }}({{ readership.requested_parameters() | join(', ') }}) as table (
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
)
    {%- endset -%}
    {{ return(text) }}
{%- endmacro %}
