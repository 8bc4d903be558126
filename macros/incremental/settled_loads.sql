{#
    Loads that every incremental model has processed, kept in one row each.

    processed_loads would otherwise gain a row per load and model, and every model looks through it in
    every run: with a load every ten seconds, that soon takes longer than the new events do. Such a
    load is settled: one row of processed_loads, whose model is '(settled)', replaces those of the
    models. Only the first model, which looks for new loads, reads these rows. Before a model starts
    over, its loads are those of each model again.
#}

{# The value stored as model of a settled load. #}
{% macro settled_marker() -%}
    {{ return('(settled)') }}
{%- endmacro %}


{# Whether loads are settled: where two statements are committed together, and no other run changes
   processed_loads meanwhile. #}
{% macro settles_loads() -%}
    {{ return(adapter.dispatch('settles_loads', 'readership')()) }}
{%- endmacro %}

{% macro default__settles_loads() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__settles_loads() -%}
    {{ return(true) }}
{%- endmacro %}


{# on-run-start: settles loads that earlier runs have completed. #}
{% macro settle_loads() -%}
    {%- if
        execute and flags.WHICH in ('run', 'build') and not flags.FULL_REFRESH and not flags.EMPTY
        and readership.settles_loads()
    -%}
        {%- set processed = own_relation_if_built('processed_loads') -%}
        {%- set affected_keys = own_relation_if_built('affected_keys') -%}
        {%- set event_rows = own_relation_if_built('base_event_rows') -%}
        {%- if processed is not none and affected_keys is not none and event_rows is not none -%}
            {%- do run_statement(settlement(processed, affected_keys, event_rows)) -%}
            {%- do run_committed(deletion_of_settled(processed)) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Statement: settles the loads that every model has processed and that nothing stored waits for any
   more. The last load with which a model has stored settings stays, so that these are kept, and some
   row of each model. #}
{% macro settlement(processed, affected_keys, event_rows) -%}
    {%- set all_models = incremental_models() -%}
    insert into {{ processed }} (model, load_id, invocation_id, settings)
    select
        '{{ readership.settled_marker() }}' as model,
        complete.load_id,
        '{{ invocation_id }}' as invocation_id,
        null as settings
    from (
        select load_id
        from {{ processed }}
        where model in ('{{ all_models | join("', '") }}')
        group by load_id
        having count(distinct model) = {{ all_models | length }}
    ) as complete
    where
        complete.load_id not in (
            select max(with_settings.load_id)
            from {{ processed }} as with_settings
            where with_settings.settings is not null
            group by with_settings.model, with_settings.settings
        )
        and not exists (
            select 1 from {{ affected_keys }} as affected where affected.load_id = complete.load_id
        )
        and not exists (
            select 1
            from {{ event_rows }} as event_rows
            where event_rows.replaced_by_load_id = complete.load_id
        )
{%- endmacro %}


{# Statement: takes out the rows of the loads that this run has settled. #}
{% macro deletion_of_settled(processed) -%}
    delete from {{ processed }}
    where
        model in ('{{ incremental_models() | join("', '") }}')
        and load_id in (
            select settled.load_id
            from {{ processed }} as settled
            where
                settled.model = '{{ readership.settled_marker() }}'
                and settled.invocation_id = '{{ invocation_id }}'
        )
{%- endmacro %}


{# Makes settled loads those of each model again, before some models start over. #}
{% macro unsettle_loads(models_starting_over) -%}
    {%- if readership.settles_loads() -%}
        {%- set others = incremental_models() | reject('in', models_starting_over) | list -%}
        {%- if others -%}
            {%- do run_statement(rows_of_settled(others)) -%}
        {%- endif -%}
        {%- do run_statement(
            "delete from " ~ processed_loads() ~ " where model = '" ~ readership.settled_marker() ~ "'"
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Statement: models that have processed loads have processed the settled ones. #}
{% macro rows_of_settled(models) -%}
    insert into {{ processed_loads() }} (model, load_id, invocation_id, settings)
    select
        processing.model,
        settled.load_id,
        settled.invocation_id,
        null as settings
    from {{ processed_loads() }} as settled
    cross join (
        select distinct model
        from {{ processed_loads() }}
        where model in ('{{ models | join("', '") }}')
    ) as processing
    where settled.model = '{{ readership.settled_marker() }}'
{%- endmacro %}
