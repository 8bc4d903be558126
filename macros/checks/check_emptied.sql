{#
    `--empty` leaves seeds, views and tables without rows. A model built on one of them would
    process loads over nothing, so each is recorded when it is emptied and cleared when it is built.
    A run that would read one without building it is refused.

    Where statements commit by themselves, a run that dies while it loads seeds may leave one without
    rows too. There they are recorded before every run that loads them.
#}

{# on-run-start, for runs with and without --empty. #}
{% macro check_emptied() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'seed') -%}
        {%- set processed_loads = own_relation_if_built('processed_loads') -%}
        {%- if processed_loads is not none -%}
            {%- if flags.EMPTY -%}
                {{ return(run_committed(record_emptied(processed_loads))) }}
            {%- endif -%}
            {%- set emptied = run_query(
                "select model from " ~ processed_loads
                ~ " where load_id = '" ~ emptied_marker() ~ "'"
            ).columns[0].values() -%}
            {%- set missing = emptied_inputs(emptied) -%}
            {%- if missing -%}
                {{ exceptions.raise_compiler_error(
                    "An --empty run " ~ ("" if has_transactions() else "or one that died ")
                    ~ "left no rows in " ~ missing | join(", ") ~ ", which this run reads but does "
                    ~ "not build: run `dbt build` once, or add them to --select."
                ) }}
            {%- endif -%}
            {%- if not has_transactions() -%}
                {%- do run_committed(record_emptied(processed_loads, emptied)) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# on-run-end: clears the nodes that have been built with rows. #}
{% macro clear_emptied(results) -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'seed') and not flags.EMPTY -%}
        {%- set processed_loads = own_relation_if_built('processed_loads') -%}
        {%- set built = results | selectattr('status', 'equalto', 'success')
            | map(attribute='node.unique_id') | list -%}
        {%- if processed_loads is not none and built -%}
            {%- do run_committed(
                "delete from " ~ processed_loads ~ " where load_id = '" ~ emptied_marker() ~ "' and model in ('"
                ~ built | join("', '") ~ "')"
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Runs a statement of a project hook and commits it. dbt rolls back what a hook leaves open
   after queries. #}
{% macro run_committed(statement_text) -%}
    {%- if statement_text | trim -%}
        {%- call statement('committed', auto_begin=true) -%}
            {{ statement_text }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
{%- endmacro %}


{# The value stored in processed_loads instead of a load id for an emptied node. #}
{% macro emptied_marker() -%}
    {{ return('(emptied)') }}
{%- endmacro %}


{# Statement: records what this run empties, with --empty also views and tables, but not what is
   recorded. #}
{% macro record_emptied(processed_loads, recorded=[]) -%}
    {%- set emptied = [] -%}
    {%- for node in graph.nodes.values()
        if node.unique_id in selected_resources and node.package_name == 'readership' -%}
        {%- if node.unique_id in recorded -%}
        {%- elif node.resource_type == 'seed' or (
            flags.EMPTY
            and node.resource_type == 'model' and node.config.materialized != 'incremental'
        ) -%}
            {%- do emptied.append(node.unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if emptied %}
        insert into {{ processed_loads }} (model, load_id, invocation_id, settings)
        values
        {%- for node_id in emptied %}
        ('{{ node_id }}', '{{ emptied_marker() }}', null, null){{ ',' if not loop.last }}
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}


{# The emptied nodes that this run reads, directly or through views, and does not build. #}
{% macro emptied_inputs(emptied) -%}
    {%- set missing = [] -%}
    {%- set reading = [] -%}
    {%- for node_id in selected_resources if emptied -%}
        {%- if graph.nodes.get(node_id, {}).get('package_name') == 'readership' -%}
            {%- do reading.append(node_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for node_id in reading -%}
        {%- for parent_id in graph.nodes.get(node_id, {}).get('depends_on', {}).get('nodes', []) -%}
            {%- set parent = graph.nodes.get(parent_id) -%}
            {%- if parent and parent_id not in reading -%}
                {%- if parent_id in emptied -%}
                    {%- do missing.append(parent.name) -%}
                {%- elif parent.config.materialized == 'view' -%}
                    {%- do reading.append(parent_id) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(missing | unique | sort) }}
{%- endmacro %}
