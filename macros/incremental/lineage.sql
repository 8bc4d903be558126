{# Helpers that read dbt's graph: nodes of the project, and incremental models upstream and
   downstream. #}

{# The relation of a model of this project in the schema this run builds. `ref` may resolve to
   another relation: with --defer, to that of production, which a run never writes to. #}
{% macro own_relation(name) -%}
    {%- set node = graph.nodes['model.readership.' ~ name] -%}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias, type='table'
    )) }}
{%- endmacro %}


{# Same as own_relation(), or none if nothing has been built there yet. #}
{% macro own_relation_if_built(name) -%}
    {%- set node = graph.nodes['model.readership.' ~ name] -%}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{%- endmacro %}


{# Whether this run resolves a node from the deferred state, by the same rules as `ref`. #}
{% macro is_deferred(node) -%}
    {%- if not invocation_args_dict.get('defer') or not node.get('defer_relation') -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(
        (invocation_args_dict.get('favor_state') and node.unique_id not in selected_resources)
        or adapter.get_relation(node.database, node.schema, node.alias) is none
    ) }}
{%- endmacro %}


{# The seeds of this project. A project that installs it as a package also has its own. #}
{% macro seeds_of_project() -%}
    {{ return(
        graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed')
        | selectattr('package_name', 'equalto', 'readership') | list
    ) }}
{%- endmacro %}

{# The incremental models that feed a node, directly or through views and tables. #}
{% macro upstream_incrementals(node_id) -%}
    {%- set found = [] -%}
    {%- set nodes = [node_id] -%}
    {%- for node in nodes -%}
        {%- for parent_id in graph.nodes.get(node, {}).get('depends_on', {}).get('nodes', []) -%}
            {%- set parent = graph.nodes.get(parent_id) -%}
            {%- if parent and parent.resource_type == 'model' and parent.name not in readership.tables_of_loads() -%}
                {%- if parent.config.materialized == 'incremental' -%}
                    {%- do found.append(parent.alias) -%}
                {%- elif parent_id not in nodes -%}
                    {%- do nodes.append(parent_id) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}


{# The incremental models that this model feeds, directly or through others. #}
{% macro downstream_incrementals() -%}
    {%- set models = readership.models_of_graph() -%}
    {%- set downstream_ids = [model.unique_id] -%}
    {%- set downstream = [] -%}
    {%- for downstream_id in downstream_ids -%}
        {%- for node in models -%}
            {%- if (
                downstream_id in node.depends_on.nodes and node.unique_id not in downstream_ids
            ) -%}
                {%- do downstream_ids.append(node.unique_id) -%}
                {%- if node.config.materialized == 'incremental' -%}
                    {%- do downstream.append(node.alias) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(downstream | sort) }}
{%- endmacro %}


{# The models among the nodes of the graph. Cached, because the graph has many more tests than
   models. #}
{% macro models_of_graph() -%}
    {%- if 'models_of_graph' not in graph -%}
        {%- do graph.update({'models_of_graph':
            graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list
        }) -%}
    {%- endif -%}
    {{ return(graph['models_of_graph']) }}
{%- endmacro %}


{# The incremental models of the current project. processed_loads may still have rows of models
   that earlier versions had. #}
{% macro incremental_models() -%}
    {%- set found = [] -%}
    {%- for node in readership.models_of_graph() -%}
        {%- if node.config.materialized == 'incremental' and node.name not in readership.tables_of_loads() -%}
            {%- do found.append(node.alias) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}


{# Query: the loads that every incremental model has processed. Models that have processed no
   load yet are ignored, because they start with a full build. #}
{% macro loads_processed_by_all() -%}
    {%- set all_models = incremental_models() -%}
    select processed.load_id
    from {{ processed_loads() }} as processed
    where processed.model in ('{{ all_models | join("', '") }}')
    group by processed.load_id
    having count(distinct processed.model) = (
        select count(distinct processing_models.model)
        from {{ processed_loads() }} as processing_models
        where processing_models.model in ('{{ all_models | join("', '") }}')
    )
{%- endmacro %}
