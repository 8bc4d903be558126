{{ config(
    materialized='incremental',
    unique_key='event_hour_at',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- Outcome of valid rows, counted by hour, load, kind of copy and delay, for the operations tables
-- to sum. Everything needed is in the key table, so a run scans its keys once and reads no events.
with event_rows as (
    select * from {{ ref('stg_event_rows') }} where is_valid
),

copies as (
    select * from {{ ref('base_event_copies') }} where copy_rank is not null
),

loads as (
    select * from {{ ref('stg_loads') }}
),

sites as (
    select * from {{ ref('sites') }}
),

affected_rows as (
    select *
    from event_rows
    where
        {{ is_affected('event_hour_at', reach='event') }}
        and {{ is_affected('event_date', reach='event') }}
),

ranked as (
    select
        affected_rows.*,
        coalesce(copies.copy_rank, 1) as copy_rank,
        coalesce(counting.load_id, affected_rows.load_id) as counting_load_id,
        coalesce(counting.file_url, affected_rows.file_url) as counting_file_url,
        counting.event_key is null or (
            copies.record_hash = counting.record_hash
            and copies.event_at = counting.event_at
            and copies.received_at = counting.received_at
        ) as is_exact
    from affected_rows
    left join copies
        on
            affected_rows.load_id = copies.load_id
            and affected_rows.file_url = copies.file_url
            and affected_rows.line_number = copies.line_number
    left join copies as counting
        on copies.event_key = counting.event_key and counting.copy_rank = 1
),

described as (
    select
        ranked.site_id,
        ranked.load_id,
        ranked.action,
        ranked.event_at,
        ranked.event_hour_at,
        case
            when ranked.copy_rank = 1 then 'counts'
            when ranked.file_url = ranked.counting_file_url then 'same_file'
            when ranked.load_id = ranked.counting_load_id then 'same_load'
            else 'other_load'
        end as copy_kind,
        {{ delay_bucket(seconds_between('ranked.event_at', 'ranked.received_at')) }}
            as receipt_delay,
        {{ delay_bucket(seconds_between('ranked.event_at', 'loads.finished_at')) }} as load_delay,
        ranked.is_exact,
        {{ dbt.date_trunc('hour', at_time_zone('ranked.event_at', site_time_zone('sites'))) }}
            as local_hour_at
    from ranked
    inner join loads on ranked.load_id = loads.load_id
    left join sites on ranked.site_id = sites.site_id
),

final as (
    select
        ---------- ids
        site_id,
        load_id,

        ---------- text
        copy_kind,
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
        site_id, load_id, copy_kind, receipt_delay, load_delay, is_exact, event_hour_at,
        local_hour_at
)

select * from final
