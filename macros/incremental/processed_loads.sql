{#
    Which loads each incremental model has processed.

    A model has processed a load when its rows say so: the record is written last, by confirm_loads()
    in macros/incremental/claimed_loads.sql. No manual repair is ever needed: a model without rows in
    processed_loads processes every load again and replaces its rows.
#}

{# The table processed_loads in the schema this run builds. #}
{% macro processed_loads() -%}
    {%- do ref('processed_loads') -%}
    {%- if execute -%}{{ readership.own_relation('processed_loads') }}{%- endif -%}
{%- endmacro %}


{# on-run-start: creates the tables of loads, which a run that builds only some models, with the
   others deferred, may not select. Where statements commit by themselves, check_emptied() needs them
   before the first run. #}
{% macro create_tables_of_loads() -%}
    {%- if execute and flags.WHICH in ('run', 'build') -%}
        {%- for name, columns in readership.tables_of_loads().items() -%}
            {%- if
                ('model.readership.' ~ name not in selected_resources or not has_transactions())
                and own_relation_if_built(name) is none
                and not (name == 'table_loads' and is_deferred(graph.nodes['model.readership.' ~ name]))
            -%}
                {%- set relation = own_relation(name) -%}
                {%- do adapter.create_schema(relation) -%}
                {%- set typed = [] -%}
                {%- for column, type in columns.items() -%}
                    {%- do typed.append(column ~ " " ~ type) -%}
                {%- endfor -%}
                {%- do run_committed(
                    "create table " ~ relation ~ " (" ~ typed | join(", ") ~ ")" ~ format_of_tables()
                ) -%}
                {#- As dbt does: names without quotes match in any case. -#}
                {%- do adapter.cache_added(relation.incorporate(dbt_created=true)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{# The tables of loads with their columns. The models of the same names only create them; hooks of
   the incremental models fill them. #}
{% macro tables_of_loads() -%}
    {%- set text = dbt.type_string() -%}
    {%- set time = readership.type_timestamp() -%}
    {%- set tables = {
        'processed_loads':
            {'model': text, 'load_id': text, 'invocation_id': text, 'settings': text},
        'claimed_loads':
            {'model': text, 'load_id': text, 'invocation_id': text, 'claimed_at': time},
    } -%}
    {%- if readership.reads_table() -%}
        {%- do tables.update({'table_loads': {
            'load_id': text, 'load_value': text, 'version': 'bigint', 'events': 'bigint',
            'described_events': 'bigint', 'recorded_at': time,
        }}) -%}
    {%- endif -%}
    {{ return(tables) }}
{%- endmacro %}


{# Query without rows that has the columns of a table of loads. #}
{% macro no_loads(name) -%}
    select
    {%- for column, type in readership.tables_of_loads()[name].items() %}
        cast(null as {{ type }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
    {{ readership.from_nothing() }}
    where false
{%- endmacro %}


{# Query: the loads that all upstream models have processed. Deferred models recorded theirs in
   the deferred schema. There are none while a model upstream has claimed loads without confirming
   them: its rows may be those before, those after or neither. #}
{% macro available_loads() -%}
    {%- set upstream = upstream_incrementals(model.unique_id) -%}
    {%- set deferred = deferred_upstream() -%}
    {%- if not upstream -%}
    {{ loads_in_order() }}
    {%- else -%}
    {%- if deferred -%}
        {%- set deferred_loads
            = graph.nodes['model.readership.processed_loads'].defer_relation.relation_name -%}
    {%- endif -%}
    select processed.load_id
    from (
        select model, load_id
        from {{ processed_loads() }}
        where
            model in ('{{ upstream | join("', '") }}')
            {%- if deferred %}
            and model not in ('{{ deferred | join("', '") }}')
        union all
        select model, load_id
        from {{ deferred_loads }}
        where model in ('{{ deferred | join("', '") }}')
        union all
        select processing.model, settled.load_id
        from {{ deferred_loads }} as settled
        cross join (
            select distinct model
            from {{ deferred_loads }}
            where model in ('{{ deferred | join("', '") }}')
        ) as processing
        where settled.model = '{{ readership.settled_marker() }}'
            {%- endif %}
    ) as processed
    where
        not exists (
            select 1
            from {{ claimed_loads_table() }} as claimed
            where claimed.model in ('{{ upstream | join("', '") }}')
        )
    group by processed.load_id
    having count(distinct processed.model) = {{ upstream | length }}
    {%- endif -%}
{%- endmacro %}


{# The upstream incremental models that this run resolves from the deferred state. #}
{% macro deferred_upstream() -%}
    {%- set found = [] -%}
    {%- if invocation_args_dict.get('defer') -%}
        {%- set upstream = upstream_incrementals(model.unique_id) -%}
        {%- for node in readership.models_of_graph() if node.alias in upstream -%}
            {%- if is_deferred(node) -%}{%- do found.append(node.alias) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}


{# Whether some upstream models are deferred. The model then starts over, because the deferred
   schema keeps affected keys only until its own models have processed the load. #}
{% macro has_deferred_upstream() -%}
    {{ return(deferred_upstream() | length > 0) }}
{%- endmacro %}


{# The settings of this run as a text literal, or null when the model has already recorded the
   same. #}
{% macro new_settings() -%}
    {%- set settings = readership.text_literal(tojson(stored_settings(), sort_keys=true)) -%}
    case
        when not exists (
            select 1
            from {{ processed_loads() }} as processed
            where processed.model = '{{ this.identifier }}' and processed.settings = {{ settings }}
        )
            then {{ settings }}
    end
{%- endmacro %}


{# Loads that dlt finished (status 0). A load may be listed twice after a crash. #}
{% macro finished_loads() -%}
    {%- if readership.reads_table() -%}
    select distinct load_id
    from {{ ref('table_loads') }}
    {%- else -%}
    select distinct load_id
    from {{ source('raw', '_dlt_loads') }}
    where status = 0
    {%- endif %}
{%- endmacro %}


{# Subquery: every load that this model has processed. Settled ones are among them for the first model
   only: no model upstream of the others offers them. #}
{% macro loads_processed_by_this() -%}
    (
        select processed.load_id
        from {{ processed_loads() }} as processed
        where
            processed.model = '{{ this.identifier }}'
            {%- if not upstream_incrementals(model.unique_id) %}
            or processed.model = '{{ readership.settled_marker() }}'
            {%- endif %}
    )
{%- endmacro %}


{# Whether this run continues from stored rows. It does not in a full refresh, nor when the model
   has no prior loads: it then processes all loads, and every key is affected. #}
{% macro has_prior_loads() -%}
    {%- if not is_incremental() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- if not execute -%}
        {{ return(true) }}
    {%- endif -%}
    {%- if has_deferred_upstream() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(this.identifier in readership.models_with_prior_loads()) }}
{%- endmacro %}


{# The models that had processed loads before this run. Queried once per run and cached in the
   graph, which all nodes of a run share. claim_loads() removes the models downstream of a rebuilt
   one. #}
{% macro models_with_prior_loads() -%}
    {%- set processed = graph.get('models_with_prior_loads', {}) -%}
    {%- if processed.get('invocation_id') != invocation_id -%}
        {%- set earlier = run_query(
            "select distinct model from " ~ processed_loads() ~ " where invocation_id <> '"
            ~ invocation_id ~ "'"
        ) -%}
        {%- do processed.update({
            'invocation_id': invocation_id,
            'models': earlier.columns[0].values() | list,
        }) -%}
        {%- do graph.update({'models_with_prior_loads': processed}) -%}
    {%- endif -%}
    {{ return(processed['models']) }}
{%- endmacro %}
