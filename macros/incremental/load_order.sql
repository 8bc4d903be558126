{# Which loads a run processes, and in which order. #}

{# Query: the loads available to the first model: all finished loads or, with a limit
   events_per_run, the oldest ones. A load is never split. Days to rebuild are processed as loads of
   their own that bring no rows. The limit applies to them separately, by the number of stored
   events. #}
{% macro loads_in_order() -%}
    {%- if var('events_per_run') == 0 -%}
    select finished.load_id
    from ({{ finished_loads() }}) as finished
    {%- else -%}
    {{ oldest_loads(waiting_loads(processed_loads())) }}
    {%- endif %}
    {%- if var('rebuild_dates') %}
    union all
    {{ oldest_loads(days_to_rebuild()) }}
    {%- endif -%}
{%- endmacro %}


{# Query: the first loads of a query (load_id, events), up to the limit. #}
{% macro oldest_loads(loads) -%}
    select ordered_loads.load_id
    from (
        select
            waiting.load_id,
            sum(waiting.events) over (order by waiting.load_id) - waiting.events as events_before
        from (
            {{ loads }}
        ) as waiting
    ) as ordered_loads
    {%- if var('events_per_run') > 0 %}
    where ordered_loads.events_before < {{ var('events_per_run') }}
    {%- endif -%}
{%- endmacro %}


{# Query: finished loads that base_event_rows has not processed, with the number of events. #}
{% macro waiting_loads(processed_loads) -%}
    select
        finished.load_id,
        coalesce(sum(files.events), 0) as events
    from ({{ finished_loads() }}) as finished
    left join {{ files_source() }} as files on finished.load_id = files._dlt_load_id
    where
        finished.load_id not in (
            select processed.load_id
            from {{ processed_loads }} as processed
            where processed.model in ('base_event_rows', '{{ readership.settled_marker() }}')
        )
    group by finished.load_id
{%- endmacro %}


{# on-run-end: reports what the limit left for the next run. #}
{% macro report_waiting() -%}
    {%- if
        execute and flags.WHICH in ('run', 'build')
        and var('events_per_run') > 0 and not flags.EMPTY
    -%}
        {%- set relation = own_relation_if_built('processed_loads') -%}
        {%- if relation is not none -%}
            {%- do report_waiting_loads(relation) -%}
            {%- do report_waiting_days(relation) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{% macro report_waiting_loads(processed_loads) -%}
    {%- set row = run_query(
        "select count(*), coalesce(sum(events), 0) from (" ~ waiting_loads(processed_loads) ~ ") as waiting"
    ).rows[0] -%}
    {%- if row[0] > 0 -%}
        {%- do print(
            row[0] ~ " loads with " ~ row[1] ~ " events wait for the next run: "
            ~ "events_per_run is " ~ var('events_per_run') ~ "."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Only a run that rebuilt some of the days can leave others; a run of other models rebuilds
   none. #}
{% macro report_waiting_days(processed_loads) -%}
    {%- set rebuilt = run_query(
        "select cast(event_date as " ~ dbt.type_string() ~ ") from "
        ~ claimed_days('base_event_rows', processed_loads) ~ " as claimed_days"
    ).columns[0].values() -%}
    {%- set waiting = var('rebuild_dates') | unique | sort | reject('in', rebuilt) | list -%}
    {%- if rebuilt and waiting -%}
        {%- do print(
            "Days left to rebuild; list them again in the next run: rebuild_dates: "
            ~ tojson(waiting) ~ ". events_per_run is " ~ var('events_per_run') ~ "."
        ) -%}
    {%- endif -%}
{%- endmacro %}


{# Query: the days to rebuild as loads, with the number of rows that base_event_rows has of each. #}
{% macro days_to_rebuild() -%}
    {%- for date in var('rebuild_dates') | unique | sort %}
    select
        'rebuild {{ date }} {{ invocation_id }}' as load_id,
        {%- if is_incremental() %}
        (select count(*) from {{ this }} where event_date = cast('{{ date }}' as date)) as events
        {%- else %}
        0 as events
        {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{# Subquery: the days to rebuild that this run of this model claims (or of another has processed,
   with the table of processed loads): their dates (UTC dates of events) and load ids. The date is
   part of the load id. The `case` is needed because other load ids contain no date and an engine
   may cast before it filters. #}
{% macro claimed_days(model_name=none, relation=none) -%}
    (
        select
            claimed_day.load_id,
            case
                when claimed_day.load_id like 'rebuild %'
                    then cast(substring(claimed_day.load_id, 9, 10) as date)
            end as event_date
        from {{ relation or claimed_loads_table() }} as claimed_day
        where
            claimed_day.model = '{{ model_name or this.identifier }}'
            and claimed_day.invocation_id = '{{ invocation_id }}'
            and claimed_day.load_id like 'rebuild %'
    )
{%- endmacro %}


{# Condition: the row belongs to a day to rebuild. #}
{% macro is_on_rebuilt_day(event_date='event_date') -%}
    {%- if rebuilds_days() -%}
    {{ event_date }} in (select claimed_days.event_date from {{ claimed_days() }} as claimed_days)
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}


{# Whether this run of this model may rebuild days: those of the run, or those that an earlier run
   left, which ended before this model had processed them. Queried, because the conditions for days
   read more than other runs need to. #}
{% macro rebuilds_days() -%}
    {%- if var('rebuild_dates') -%}
        {{ return(true) }}
    {%- endif -%}
    {%- if not execute or model.resource_type != 'model' or not has_prior_loads() -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set found = graph.get('models_with_days', {}) -%}
    {%- if found.get('invocation_id') != invocation_id -%}
        {%- do found.clear() -%}
        {%- do found.update({'invocation_id': invocation_id}) -%}
        {%- do graph.update({'models_with_days': found}) -%}
    {%- endif -%}
    {%- if this.identifier not in found -%}
        {%- do found.update({this.identifier: run_query(days_left()).rows | length > 0}) -%}
    {%- endif -%}
    {{ return(found[this.identifier]) }}
{%- endmacro %}


{# Query: a row if days wait for this model that it has claimed, or that a model upstream has
   processed. #}
{% macro days_left() -%}
    select 1
    from (
        select load_id
        from {{ claimed_loads_table() }}
        where model = '{{ this.identifier }}'
        union all
        select load_id
        from {{ processed_loads() }}
        where model in ('{{ upstream_incrementals(model.unique_id) | join("', '") }}')
    ) as waiting
    where
        waiting.load_id like 'rebuild %'
        and waiting.load_id not in {{ loads_processed_by_this() }}
    limit 1
{%- endmacro %}
