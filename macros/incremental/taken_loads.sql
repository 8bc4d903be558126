{#
    Which loads each incremental model has taken in.

    A model takes in a load in the same transaction that changes its rows: a pre-hook claims
    the loads that everything upstream has taken and this model has not, the model's SQL reads
    what those loads touch, and both are committed or neither is. Nothing here needs repair by
    hand: without its rows in taken_loads a model only takes every load again, and replaces.
#}

{# The table itself; --empty must not wrap it in a subquery. #}
{% macro taken_loads() -%}
    {%- set relation = ref('taken_loads') -%}
    {{ api.Relation.create(
        database=relation.database, schema=relation.schema, identifier=relation.identifier
    ) }}
{%- endmacro %}


{# The incremental models that feed a node, seen through views and tables; a JSON list. #}
{% macro upstream_incrementals(node_id) -%}
    {%- set found = [] -%}
    {%- for parent_id in graph.nodes.get(node_id, {}).get('depends_on', {}).get('nodes', []) -%}
        {%- set parent = graph.nodes.get(parent_id) -%}
        {%- if parent and parent.resource_type == 'model' and parent.name != 'taken_loads' -%}
            {%- if parent.config.materialized == 'incremental' -%}
                {%- do found.append(parent.name) -%}
            {%- else -%}
                {%- do found.extend(fromjson(upstream_incrementals(parent_id))) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- tojson(found | unique | list) -}}
{%- endmacro %}


{# pre-hook of every incremental model. #}
{% macro claim_loads() -%}
    {#- Named here so that dbt knows of them when it parses: the models call on them only in
        incremental runs. -#}
    {%- do ref('taken_loads') -%}
    {%- set is_first = model.name == 'base_event_rows' -%}
    {%- if not is_first -%}{%- do ref('base_event_rows') -%}{%- endif -%}
    {%- do source('raw', '_dlt_loads') -%}
    {%- if execute and not is_incremental() %}
        {#- base_event_rows made anew has forgotten what was replaced, and with it what the models
            that have not seen it go would have to let go of: all of them start over. #}
        delete from {{ taken_loads() }}
        {%- if not is_first %} where model = '{{ this.identifier }}'{% endif %};
    {%- endif -%}
    {%- if execute and not flags.EMPTY -%}
        {%- set upstream = fromjson(upstream_incrementals(model.unique_id)) %}
        insert into {{ taken_loads() }}
        select
            '{{ this.identifier }}' as model,
            available.load_id,
            '{{ invocation_id }}' as invocation_id,
            '{{ tojson(stored_settings(), sort_keys=true) | replace("'", "''") }}' as settings
        from (
            {%- if upstream %}
            select load_id
            from {{ taken_loads() }}
            where model in ('{{ upstream | join("', '") }}')
            group by load_id
            having count(distinct model) = {{ upstream | length }}
            {%- else %}
            {{ finished_loads() }}
            {%- endif %}
        ) as available
        where available.load_id not in (
            select taken.load_id
            from {{ taken_loads() }} as taken
            where taken.model = '{{ this.identifier }}'
        )
        {%- if is_incremental() %};

        {#- A model that takes its first loads has nothing to keep. #}
        delete from {{ this }}
        where (
            select min(case when taken.invocation_id = '{{ invocation_id }}' then 1 else 0 end)
            from {{ taken_loads() }} as taken
            where taken.model = '{{ this.identifier }}'
        ) = 1
        {%- endif -%}
    {%- endif -%}
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
        from {{ taken_loads() }} as claimed
        where
            claimed.model = '{{ this.identifier }}'
            and claimed.invocation_id = '{{ invocation_id }}'
    )
{%- endmacro %}


{# Subquery: every load that this model has taken, those of this run included. #}
{% macro loads_taken() -%}
    (
        select taken.load_id
        from {{ taken_loads() }} as taken
        where taken.model = '{{ this.identifier }}'
    )
{%- endmacro %}


{# Subquery: the loads that this model has taken in earlier runs. #}
{% macro loads_taken_before() -%}
    (
        select taken_before.load_id
        from {{ taken_loads() }} as taken_before
        where
            taken_before.model = '{{ this.identifier }}'
            and taken_before.invocation_id <> '{{ invocation_id }}'
    )
{%- endmacro %}
