{#
    dbt run-operation erase_visitors [--args '{requests: schema.table}']

    Deletes visitors from the warehouse: their events in the raw tables, with the counts of the
    ledger adjusted; their identifiers in quarantined lines; and every row with one of their keys in
    every table. The visitors are listed in the seed visitors_to_erase, or in a table with its two
    columns. Without a site, a visitor is erased on all sites. The next build recomputes aggregates:
    every model starts over, because the keys a visitor affected must not be kept either.
#}
{% macro erase_visitors(requests=none) -%}
    {%- if execute -%}
        {%- do readership.refuse_erasure() -%}
        {%- if readership.reads_table() -%}
            {{ exceptions.raise_compiler_error(
                "Events are in " ~ source('publisher', 'events') ~ ", your own table, from which "
                ~ "nothing is deleted here: delete the visitors' rows there, then run `dbt build` "
                ~ "twice. Loads that have lost rows are processed again, and what was stored of them "
                ~ "goes."
            ) }}
        {%- endif -%}
        {%- set source_of_requests = requests or ref('visitors_to_erase') -%}
        {%- for statement in erasure_statements(source_of_requests) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
        {%- set counts = run_query(
            "select (select count(*) from " ~ readership.list_of_erased('visitors')
            ~ ") as visitors, (select count(*) from " ~ readership.list_of_erased('rows')
            ~ ") as events"
        ).rows[0] -%}
        {%- if not readership.has_temporary_tables() -%}
            {%- for name in ['visitors', 'rows'] + (keys_of_erased_visitors() | map('first') | list) -%}
                {%- do run_query(readership.drop_step(readership.list_of_erased(name))) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do adapter.commit() -%}
        {%- do print(
            "Erased " ~ counts[0] ~ " visitors with " ~ counts[1] ~ " events. Run `dbt build` "
            ~ "now to recompute aggregates without them. The files still contain the events: delete "
            ~ "them there too, or the next load with --reload restores them."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Stops where the statements cannot work. #}
{% macro refuse_erasure() -%}
    {{ return(adapter.dispatch('refuse_erasure', 'readership')()) }}
{%- endmacro %}

{% macro default__refuse_erasure() -%}
{%- endmacro %}


{# The statements, each of which may be repeated: an erasure that died is run again. #}
{% macro erasure_statements(requests) -%}
    {%- set events = source('raw', 'events') -%}
    {%- set visitor_site_id = null_if_blank('landed.visitor_site_id') -%}
    {%- set site_id = null_if_blank('landed.apikey') -%}
    {%- set visitor_key = surrogate_key([site_id, visitor_name(
        is_shared_visitor_id(visitor_site_id), visitor_site_id, 'landed.session_id',
        epoch_to_timestamp('landed.session_timestamp'), null_if_blank('landed.pageview_id'),
        null_if_blank('landed.event_id'), null_if_blank('landed.user_agent'),
    )]) -%}
    {%- set statements = [] -%}
    {#- First, so that every model starts over wherever an operation without a transaction ends. -#}
    {%- for name in readership.tables_of_loads() if own_relation_if_built(name) is not none -%}
        {%- do statements.append("delete from " ~ own_relation(name) ~ " where true") -%}
    {%- endfor -%}
    {%- do statements.extend(readership.creation_of_list(
        'visitors',
        "select distinct " ~ visitor_key ~ " as visitor_key, " ~ visitor_site_id
        ~ " as visitor_site_id from " ~ events ~ " as landed inner join " ~ requests
        ~ " as requests on " ~ visitor_site_id ~ " = requests.visitor_site_id and "
        ~ "(requests.site_id is null or requests.site_id = " ~ site_id ~ ")"
    )) -%}
    {%- do statements.extend(readership.creation_of_list(
        'rows',
        "select landed._dlt_load_id as load_id, landed._file as file_url, "
        ~ "landed._line as line_number, "
        ~ surrogate_key([site_id, 'lower(' ~ null_if_blank('landed.event_id') ~ ')'])
        ~ " as event_key from " ~ events ~ " as landed where " ~ visitor_key
        ~ " in (select visitor_key from " ~ readership.list_of_erased('visitors') ~ ")"
    )) -%}
    {#- The keys are looked up while the rows are there. A repeated erasure finds those that are. -#}
    {%- for key, keys in keys_of_erased_visitors() -%}
        {%- do statements.extend(readership.creation_of_list(
            key,
            "select distinct keyed." ~ key ~ " from (" ~ keys ~ ") as keyed where keyed." ~ key
            ~ " is not null"
        )) -%}
    {%- endfor -%}
    {%- for relation, columns in stored_relations() -%}
        {%- for key in ['visitor_key', 'session_scope_key', 'session_key', 'pageview_key', 'event_key'] -%}
            {%- if key in columns -%}
                {%- set listed = readership.list_of_erased('visitors' if key == 'visitor_key' else key) -%}
                {%- do statements.append(
                    "delete from " ~ relation ~ " where " ~ key ~ " in (select erased." ~ key
                    ~ " from " ~ listed ~ " as erased)"
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do statements.extend([
        readership.deletion_of_erased_rows(events),
        readership.deletion_of_erased_rows(source('raw', 'unknown_fields')),
        readership.recount_of_files(events),
        "delete from " ~ source('raw', 'user_agents') ~ " where user_agent not in (select "
        ~ "landed.user_agent from " ~ events ~ " as landed where landed.user_agent is not null)",
        readership.erasure_of_rejected_lines(requests),
    ]) -%}
    {%- do statements.extend(statements_of_a_new_snapshot()) -%}
    {{ return(statements) }}
{%- endmacro %}


{# Changes a definition that snapshots contain, so that the next one is written anew as a whole:
   files of earlier ones still have the rows that were erased. #}
{% macro statements_of_a_new_snapshot() -%}
    {{ return(adapter.dispatch('statements_of_a_new_snapshot', 'readership')()) }}
{%- endmacro %}

{% macro default__statements_of_a_new_snapshot() -%}
    {{ return([]) }}
{%- endmacro %}

{% macro duckdb__statements_of_a_new_snapshot() -%}
    {{ return([
        "create schema if not exists answers",
        "create or replace macro answers.last_erasure() as '" ~ invocation_id ~ "'",
    ]) }}
{%- endmacro %}


{# The keys that identify a visitor's rows, each with the query that finds them before rows are
   deleted. #}
{% macro keys_of_erased_visitors() -%}
    {#- This model is private to the marts group. An operation belongs to no group, so it
        cannot use ref(). -#}
    {%- set attribution = own_relation('int_event_attribution') -%}
    {%- set of_theirs = " where visitor_key in (select visitor_key from "
        ~ readership.list_of_erased('visitors') ~ ")" -%}
    {{ return([
        ('event_key', "select event_key from " ~ readership.list_of_erased('rows')),
        ('session_scope_key', "select session_scope_key from " ~ ref('base_event_rows') ~ of_theirs),
        ('session_key', "select session_key from " ~ attribution ~ of_theirs),
        ('pageview_key', "select pageview_key from " ~ attribution ~ of_theirs),
    ]) }}
{%- endmacro %}


{# The tables that models have stored, with the names of their columns. Last are those in which the
   keys of erased visitors are looked up: an erasure that died before finds them again. #}
{% macro stored_relations() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
        {%- if node.config.materialized != 'view' -%}
            {%- set relation = adapter.get_relation(node.database, node.schema, node.alias) -%}
            {%- if relation is not none -%}
                {%- do found.append((
                    relation,
                    adapter.get_columns_in_relation(relation)
                    | map(attribute='name') | map('lower') | list,
                )) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set looked_up = [
        ref('base_event_rows').identifier, own_relation('int_event_attribution').identifier
    ] -%}
    {%- set first, last = [], [] -%}
    {%- for relation, columns in found -%}
        {%- set part = last if relation.identifier | lower in looked_up else first -%}
        {%- do part.append((relation, columns)) -%}
    {%- endfor -%}
    {{ return(first + last) }}
{%- endmacro %}
