{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_key',
    pre_hook="{{ claim_loads(upstream='base_event_rows') }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- One row per valid raw row of an event that has, or has had, several copies, with the rank that
-- decides which copy is kept. Any other event has one row in base_event_rows, which is kept. An
-- event stays here when its other copies are removed, so that the rank of the remaining copy is
-- known.
with event_rows as {{ not_materialized() }} (
    select * from {{ ref('base_event_rows') }}
),

valid_rows as {{ not_materialized() }} (
    select * from event_rows where is_valid
),

{% if has_prior_loads() -%}
stored as (
    select * from {{ this }}
),

affected_events as (
    select event_key from event_rows where load_id in {{ claimed_loads() }}
    {{ union_distinct() }}
    select event_key
    from event_rows
    where
        (replaced_by_load_id is not null and replaced_by_load_id in {{ claimed_loads() }})
        or {{ is_on_rebuilt_day() }}
),

affected_rows as (
    select event_key, event_date
    from valid_rows
    where event_key in (select affected.event_key from affected_events as affected)
),
{%- else -%}
affected_rows as {{ not_materialized() }} (
    select event_key, event_date from valid_rows
),
{%- endif %}

copied_events as (
    select event_key
    from affected_rows
    group by event_key
    having count(*) > 1
    {%- if has_prior_loads() %}
    {{ union_distinct() }}
    select affected_rows.event_key
    from affected_rows
    inner join stored on affected_rows.event_key = stored.event_key
    {%- endif %}
),

copied_dates as (
    select distinct affected_rows.event_date
    from affected_rows
    inner join copied_events on affected_rows.event_key = copied_events.event_key
),

copies as (
    select
        *,
        {{ record_hash() }} as record_hash,
        replaced_by_load_id is null as is_in_force
    from valid_rows
    where
        event_key in (select copied.event_key from copied_events as copied)
        and event_date in (select copied_dates.event_date from copied_dates)
),

ranked as (
    select
        *,
        row_number() over (
            partition by event_key, is_in_force order by {{ copy_order() }}
        ) as copy_number
    from copies
),

final as (
    select
        ---------- ids
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        load_id,
        site_id,

        ---------- text
        action,
        record_hash,
        file_url,

        ---------- numbers
        line_number,
        case when is_in_force then copy_number end as copy_rank,

        ---------- booleans
        has_tracker_session,

        ---------- times
        event_at,
        event_hour_at,
        event_date,
        received_at
    from ranked
)

select * from final
