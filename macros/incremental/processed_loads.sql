{#
    Records which loads each incremental model has processed.

    A model processes a load in the same transaction that changes its rows: a pre-hook claims the
    loads that all upstream models have processed and this model has not, the model's SQL reads what
    those loads affect, and both are committed or neither is. No manual repair is ever needed: a
    model without rows in processed_loads processes every load again and replaces its rows.
#}

{# The table processed_loads in the schema this run builds. #}
{% macro processed_loads() -%}
    {%- do ref('processed_loads') -%}
    {%- if execute -%}{{ readership.own_relation('processed_loads') }}{%- endif -%}
{%- endmacro %}


{# on-run-start: creates the table, which a run that builds only some models, with the others
   deferred, may not select. #}
{% macro create_processed_loads() -%}
    {%- if
        execute and flags.WHICH in ('run', 'build')
        and 'model.readership.processed_loads' not in selected_resources
        and own_relation_if_built('processed_loads') is none
    -%}
        {%- set relation = own_relation('processed_loads') -%}
        {%- do adapter.create_schema(relation) -%}
        {%- set columns = ['model', 'load_id', 'invocation_id', 'settings'] -%}
        {%- do run_committed(
            "create table " ~ relation ~ " (" ~ columns | join(" " ~ dbt.type_string() ~ ", ") ~ " "
            ~ dbt.type_string() ~ ")"
        ) -%}
        {%- do adapter.cache_added(relation) -%}
    {%- endif -%}
{%- endmacro %}


{# Pre-hook of every incremental model. `upstream` declares a dependency that the SQL of the
   model may only have in incremental runs; null for the first model. #}
{% macro claim_loads(upstream='affected_keys') -%}
    {%- do ref('processed_loads') -%}
    {%- do readership.check_affected_key_of_model() -%}
    {%- if upstream -%}{%- do ref(upstream) -%}{%- endif -%}
    {%- if execute and (not is_incremental() or has_deferred_upstream()) %}
        {#- Models downstream of a rebuilt model must start over: the rebuilt model no longer
            knows which rows they would have to delete. #}
        {%- set models_starting_over = [this.identifier] + downstream_incrementals() -%}
        {%- for name in models_starting_over if name in readership.models_with_prior_loads() -%}
            {%- do readership.models_with_prior_loads().remove(name) -%}
        {%- endfor %}
        delete from {{ processed_loads() }}
        where model in ('{{ models_starting_over | join("', '") }}');
    {%- endif -%}
    {%- if execute and not flags.EMPTY %}
        insert into {{ processed_loads() }}
        select
            '{{ this.identifier }}' as model,
            available.load_id,
            '{{ invocation_id }}' as invocation_id,
            {{ new_settings() }} as settings
        from (
            {{ available_loads() }}
        ) as available
        where available.load_id not in {{ loads_processed_by_this() }}
        {%- if is_incremental() %};

        {#- A model that processes its first loads keeps no rows. #}
        delete from {{ this }}
        where (
            select min(case when processed.invocation_id = '{{ invocation_id }}' then 1 else 0 end)
            from {{ processed_loads() }} as processed
            where processed.model = '{{ this.identifier }}'
        ) = 1
        {%- endif -%}
        {{ planner_settings_for_reads() }}
    {%- endif -%}
{%- endmacro %}


{# Query: the loads that all upstream models have processed. Deferred models recorded theirs in
   the deferred schema. #}
{% macro available_loads() -%}
    {%- set upstream = upstream_incrementals(model.unique_id) -%}
    {%- set deferred = deferred_upstream() -%}
    {%- if not upstream -%}
    {{ loads_in_order() }}
    {%- elif deferred -%}
    select processed.load_id
    from (
        select model, load_id
        from {{ processed_loads() }}
        where
            model in ('{{ upstream | join("', '") }}')
            and model not in ('{{ deferred | join("', '") }}')
        union all
        select model, load_id
        from {{ graph.nodes['model.readership.processed_loads'].defer_relation.relation_name }}
        where model in ('{{ deferred | join("', '") }}')
    ) as processed
    group by processed.load_id
    having count(distinct processed.model) = {{ upstream | length }}
    {%- else -%}
    select load_id
    from {{ processed_loads() }}
    where model in ('{{ upstream | join("', '") }}')
    group by load_id
    having count(distinct model) = {{ upstream | length }}
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
    {%- set settings = "'" ~ tojson(stored_settings(), sort_keys=true) | replace("'", "''") ~ "'" -%}
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
    select distinct load_id
    from {{ source('raw', '_dlt_loads') }}
    where status = 0
{%- endmacro %}


{# Subquery: the loads that this run of this model processes. #}
{% macro claimed_loads() -%}
    (
        select claimed.load_id
        from {{ processed_loads() }} as claimed
        where
            claimed.model = '{{ this.identifier }}'
            and claimed.invocation_id = '{{ invocation_id }}'
    )
{%- endmacro %}


{# Subquery: every load that this model has processed, including those of this run. #}
{% macro loads_processed_by_this() -%}
    (
        select processed.load_id
        from {{ processed_loads() }} as processed
        where processed.model = '{{ this.identifier }}'
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
