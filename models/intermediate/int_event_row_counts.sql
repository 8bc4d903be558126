{{ config(
    materialized='incremental',
    unique_key='event_hour_at',
    meta={'touched_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
) }}

-- What became of valid rows, counted by hour, load, kind of copy and delay: what the operations
-- tables add up. All of it is in the key table: a run passes once over its keys, and over no event.
with event_rows as {{ inlined() }} (
    select * from {{ ref('stg_event_rows') }} where is_valid
),

loads as (
    select * from {{ ref('stg_loads') }}
),

sites as (
    select * from {{ ref('sites') }}
),

touched_rows as (
    select *
    from event_rows
    where
        {{ is_touched('event_hour_at', reach='event') }}
        and {{ is_touched('event_date', reach='event') }}
),

-- The copies of one event may stand in different hours.
copies as (
    {% if goes_on() -%}
    select *
    from event_rows
    where event_key in (select touched_rows.event_key from touched_rows)
    {%- else -%}
    select * from touched_rows
    {%- endif %}
),

ranked as (
    select
        *,
        row_number() over (partition by event_key order by {{ copy_order() }}) as copy_rank,
        first_value(load_id) over (partition by event_key order by {{ copy_order() }})
            as counting_load_id,
        first_value(file_url) over (partition by event_key order by {{ copy_order() }})
            as counting_file_url,
        first_value(record_hash) over (partition by event_key order by {{ copy_order() }})
            as counting_record_hash,
        first_value(event_at) over (partition by event_key order by {{ copy_order() }})
            as counting_event_at,
        first_value(received_at) over (partition by event_key order by {{ copy_order() }})
            as counting_received_at
    from copies
),

described as (
    select
        ranked.*,
        case
            when ranked.copy_rank = 1 then 'counts'
            when ranked.file_url = ranked.counting_file_url then 'same_file'
            when ranked.load_id = ranked.counting_load_id then 'same_load'
            else 'other_load'
        end as copy_place,
        {{ delay_bucket(seconds_between('ranked.event_at', 'ranked.received_at')) }}
            as receipt_delay,
        {{ delay_bucket(seconds_between('ranked.event_at', 'loads.finished_at')) }} as load_delay,
        ranked.record_hash = ranked.counting_record_hash
        and ranked.event_at = ranked.counting_event_at
        and ranked.received_at = ranked.counting_received_at as is_exact,
        {{ dbt.date_trunc('hour', at_time_zone('ranked.event_at', site_time_zone('sites'))) }}
            as local_hour_at
    from ranked
    inner join loads on ranked.load_id = loads.load_id
    left join sites on ranked.site_id = sites.site_id
    {%- if goes_on() %}
    where ranked.event_hour_at in (select touched_rows.event_hour_at from touched_rows)
    {%- endif %}
),

final as (
    select
        ---------- ids
        site_id,
        load_id,

        ---------- text
        copy_place,
        receipt_delay,
        load_delay,

        ---------- numbers
        count(*) as event_rows,
        count(case when action = 'pageview' then 1 end) as pageview_rows,

        ---------- booleans
        is_exact,

        ---------- times
        event_hour_at,
        local_hour_at,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from described
    group by
        site_id, load_id, copy_place, receipt_delay, load_delay, is_exact, event_hour_at,
        local_hour_at
)

select * from final
