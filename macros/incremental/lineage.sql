{# What dbt's graph tells of the project's nodes, and of the incremental models around one. #}

{# The relation of a model of this project where this run builds it. `ref` may give another: with
   --defer that of production, which a run never writes to. #}
{% macro own_relation(name) -%}
    {%- set node = graph.nodes['model.readership.' ~ name] -%}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=node.alias, type='table'
    )) }}
{%- endmacro %}


{# The same, or none where nothing has been built there yet. #}
{% macro own_relation_if_built(name) -%}
    {%- set node = graph.nodes['model.readership.' ~ name] -%}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias)) }}
{%- endmacro %}


{# Whether this run reads a node in the state that it was given, as `ref` decides it. #}
{% macro is_deferred(node) -%}
    {%- if not invocation_args_dict.get('defer') or not node.get('defer_relation') -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(
        (invocation_args_dict.get('favor_state') and node.unique_id not in selected_resources)
        or adapter.get_relation(node.database, node.schema, node.alias) is none
    ) }}
{%- endmacro %}


{# The seeds of this project; a project that has it among its packages has its own. #}
{% macro seeds_of_project() -%}
    {{ return(
        graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed')
        | selectattr('package_name', 'equalto', 'readership') | list
    ) }}
{%- endmacro %}

{# The incremental models that feed a node, seen through views and tables. #}
{% macro upstream_incrementals(node_id) -%}
    {%- set found = [] -%}
    {%- set nodes = [node_id] -%}
    {%- for node in nodes -%}
        {%- for parent_id in graph.nodes.get(node, {}).get('depends_on', {}).get('nodes', []) -%}
            {%- set parent = graph.nodes.get(parent_id) -%}
            {%- if parent and parent.resource_type == 'model' and parent.name != 'processed_loads' -%}
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
    {%- set fed_ids = [model.unique_id] -%}
    {%- set fed = [] -%}
    {%- for fed_id in fed_ids -%}
        {%- for node in models -%}
            {%- if fed_id in node.depends_on.nodes and node.unique_id not in fed_ids -%}
                {%- do fed_ids.append(node.unique_id) -%}
                {%- if node.config.materialized == 'incremental' -%}
                    {%- do fed.append(node.alias) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(fed | sort) }}
{%- endmacro %}


{# The models among the nodes of the graph, picked out once: the tests are many more. #}
{% macro models_of_graph() -%}
    {%- if 'models_of_graph' not in graph -%}
        {%- do graph.update({'models_of_graph':
            graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | list
        }) -%}
    {%- endif -%}
    {{ return(graph['models_of_graph']) }}
{%- endmacro %}


{# The incremental models of the project as it is now; rows of models of earlier versions may still
   be in processed_loads. #}
{% macro incremental_models() -%}
    {%- set found = [] -%}
    {%- for node in readership.models_of_graph() -%}
        {%- if node.config.materialized == 'incremental' and node.name != 'processed_loads' -%}
            {%- do found.append(node.alias) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}


{# Query: the loads that every incremental model has taken, but for models that have taken none
   yet: those will take everything. #}
{% macro loads_processed_by_all() -%}
    {%- set all_models = incremental_models() -%}
    select everywhere.load_id
    from {{ processed_loads() }} as everywhere
    where everywhere.model in ('{{ all_models | join("', '") }}')
    group by everywhere.load_id
    having count(distinct everywhere.model) = (
        select count(distinct known.model)
        from {{ processed_loads() }} as known
        where known.model in ('{{ all_models | join("', '") }}')
    )
{%- endmacro %}
