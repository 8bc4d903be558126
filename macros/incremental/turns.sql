{# Which loads come in when. #}

{# Query: the loads that the first model may take: all that are finished or, over the limit
   events_per_run, the oldest first; a load is never cut. Days to rebuild come as loads of their
   own, which bring no rows. #}
{% macro loads_in_turn() -%}
    {%- if var('events_per_run') == 0 -%}
    select finished.load_id
    from ({{ finished_loads() }}) as finished
    {%- else -%}
    select in_turn.load_id
    from (
        select
            waiting.load_id,
            sum(waiting.events) over (order by waiting.load_id) - waiting.events as events_before
        from ({{ waiting_loads(taken_loads()) }}) as waiting
    ) as in_turn
    where in_turn.events_before < {{ var('events_per_run') }}
    {%- endif %}
    {%- for date in var('rebuild_dates') %}
    union all
    select '{{ rebuild_load(date) }}' as load_id
    {%- endfor %}
{%- endmacro %}


{# Query: finished loads that base_event_rows has not taken, with the events of each. #}
{% macro waiting_loads(taken_loads) -%}
    select
        finished.load_id,
        coalesce(sum(files.events), 0) as events
    from ({{ finished_loads() }}) as finished
    left join {{ source('raw', 'files') }} as files on finished.load_id = files._dlt_load_id
    where
        finished.load_id not in (
            select taken.load_id
            from {{ taken_loads }} as taken
            where taken.model = 'base_event_rows'
        )
    group by finished.load_id
{%- endmacro %}


{# on-run-end: what the limit left for the next run. #}
{% macro report_waiting_loads() -%}
    {%- if execute and flags.WHICH in ('run', 'build') and var('events_per_run') > 0 and not flags.EMPTY -%}
        {%- set taken = adapter.get_relation(target.database, target.schema, 'taken_loads') -%}
        {%- if taken is not none -%}
            {%- set row = run_query(
                "select count(*), coalesce(sum(events), 0) from (" ~ waiting_loads(taken) ~ ") as waiting"
            ).rows[0] -%}
            {%- if row[0] > 0 -%}
                {%- do print(
                    row[0] ~ " loads with " ~ row[1] ~ " events wait for the next run: "
                    ~ "events_per_run is " ~ var('events_per_run') ~ "."
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# The name under which a day that is rebuilt goes through the models. #}
{% macro rebuild_load(date) -%}
    rebuild {{ date }} {{ invocation_id }}
{%- endmacro %}


{# Condition: a row of the key table is of a day to rebuild (UTC day of the event). #}
{% macro is_of_rebuilt_day(event_date='event_date') -%}
    {%- if var('rebuild_dates') -%}
    {{ event_date }} in (
        {%- for date in var('rebuild_dates') -%}
        cast('{{ date }}' as date){{ ', ' if not loop.last }}
        {%- endfor -%}
    )
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}


{# pre-hook of base_event_rows: the rows of days to rebuild are judged again. #}
{% macro forget_rebuilt_days() -%}
    {%- if execute and is_incremental() and var('rebuild_dates') and not flags.EMPTY -%}
        delete from {{ this }}
        where replaced_by_load_id is null and {{ is_of_rebuilt_day() }}
    {%- endif -%}
{%- endmacro %}
