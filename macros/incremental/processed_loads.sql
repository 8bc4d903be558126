{#
    Which loads each incremental model has noted in.

    A model takes in a load in the same transaction that changes its rows: a pre-hook claims
    the loads that everything upstream has noted and this model has not, the model's SQL reads
    what those loads touch, and both are committed or neither is. Nothing here needs repair by
    hand: without its rows in processed_loads a model only takes every load again, and replaces.
#}

{# The table itself, that of the schema in which the run builds. #}
{% macro processed_loads() -%}
    {%- do ref('processed_loads') -%}
    {%- if execute -%}{{ readership.own_relation('processed_loads') }}{%- endif -%}
{%- endmacro %}


{# on-run-start: a run that builds some models only, the others deferred, may not build the table. #}
{% macro create_processed_loads() -%}
    {%- if
        execute and flags.WHICH in ('run', 'build')
        and 'model.readership.processed_loads' not in selected_resources
        and own_relation_if_built('processed_loads') is none
    -%}
        {%- set relation = own_relation('processed_loads') -%}
        {%- do adapter.create_schema(relation) -%}
        {%- set columns = ['model', 'load_id', 'invocation_id', 'settings'] -%}
        {%- do committed(
            "create table " ~ relation ~ " (" ~ columns | join(" " ~ dbt.type_string() ~ ", ") ~ " "
            ~ dbt.type_string() ~ ")"
        ) -%}
        {%- do adapter.cache_added(relation) -%}
    {%- endif -%}
{%- endmacro %}


{# pre-hook of every incremental model. What `upstream` names is upstream of the model even where
   its SQL reads it in incremental runs alone; null for the first model of all. #}
{% macro claim_loads(upstream='affected_keys') -%}
    {%- do ref('processed_loads') -%}
    {%- if upstream -%}{%- do ref(upstream) -%}{%- endif -%}
    {%- if execute and (not is_incremental() or has_deferred_upstream()) %}
        {#- What stands on a model that is made anew has to start over: the model has forgotten what
            those that lag behind it would have to let go of. #}
        {%- set starting_over = [this.identifier] + downstream_incrementals() -%}
        {%- for name in starting_over if name in readership.models_with_prior_loads() -%}
            {%- do readership.models_with_prior_loads().remove(name) -%}
        {%- endfor %}
        delete from {{ processed_loads() }}
        where model in ('{{ starting_over | join("', '") }}');
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

        {#- A model that takes its first loads has nothing to keep. #}
        delete from {{ this }}
        where (
            select min(case when noted.invocation_id = '{{ invocation_id }}' then 1 else 0 end)
            from {{ processed_loads() }} as noted
            where noted.model = '{{ this.identifier }}'
        ) = 1
        {%- endif -%}
        {{ planned_to_read() }}
    {%- endif -%}
{%- endmacro %}


{# Query: the loads that everything upstream of this model has noted. What is read in the state that
   the run was given has noted its loads there. #}
{% macro available_loads() -%}
    {%- set upstream = upstream_incrementals(model.unique_id) -%}
    {%- set deferred = deferred_upstream() -%}
    {%- if not upstream -%}
    {{ loads_in_order() }}
    {%- elif deferred -%}
    select noted.load_id
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
    ) as noted
    group by noted.load_id
    having count(distinct noted.model) = {{ upstream | length }}
    {%- else -%}
    select load_id
    from {{ processed_loads() }}
    where model in ('{{ upstream | join("', '") }}')
    group by load_id
    having count(distinct model) = {{ upstream | length }}
    {%- endif -%}
{%- endmacro %}


{# Those of the incremental models that feed this one that the run reads in the state it was given. #}
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


{# Whether what this model reads is deferred in part. It then starts over: what a load touches is
   kept there only until the models there have taken it. #}
{% macro has_deferred_upstream() -%}
    {{ return(deferred_upstream() | length > 0) }}
{%- endmacro %}


{# The settings of this run as a text literal, or null where the model has noted the same. #}
{% macro new_settings() -%}
    {%- set settings = "'" ~ tojson(stored_settings(), sort_keys=true) | replace("'", "''") ~ "'" -%}
    case
        when not exists (
            select 1
            from {{ processed_loads() }} as noted
            where noted.model = '{{ this.identifier }}' and noted.settings = {{ settings }}
        )
            then {{ settings }}
    end
{%- endmacro %}


{# Loads that dlt finished: status 0. A load may be listed twice after a crash. #}
{% macro finished_loads() -%}
    select distinct load_id
    from {{ source('raw', '_dlt_loads') }}
    where status = 0
{%- endmacro %}


{# Subquery: the loads that this run of this model takes in. #}
{% macro claimed_loads() -%}
    (
        select claimed.load_id
        from {{ processed_loads() }} as claimed
        where
            claimed.model = '{{ this.identifier }}'
            and claimed.invocation_id = '{{ invocation_id }}'
    )
{%- endmacro %}


{# Subquery: every load that this model has noted, those of this run included. #}
{% macro loads_processed_by_this() -%}
    (
        select noted.load_id
        from {{ processed_loads() }} as noted
        where noted.model = '{{ this.identifier }}'
    )
{%- endmacro %}


{# Whether this run goes on from what an earlier one stored. It does not when the model is made
   anew, nor when it has noted no load before: then it takes them all, and what they touch is
   everything. #}
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


{# The models that had taken loads before this run; asked once a run, and kept where all nodes of a
   run find it. A model that is made anew takes those that stand on it out, as claim_loads() does. #}
{% macro models_with_prior_loads() -%}
    {%- set noted = graph.get('models_with_prior_loads', {}) -%}
    {%- if noted.get('invocation_id') != invocation_id -%}
        {%- set earlier = run_query(
            "select distinct model from " ~ processed_loads() ~ " where invocation_id <> '"
            ~ invocation_id ~ "'"
        ) -%}
        {%- do noted.update({
            'invocation_id': invocation_id,
            'models': earlier.columns[0].values() | list,
        }) -%}
        {%- do graph.update({'models_with_prior_loads': noted}) -%}
    {%- endif -%}
    {{ return(noted['models']) }}
{%- endmacro %}
