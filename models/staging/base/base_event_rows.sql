{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ claim_loads(stands_on=none) }}",
        "{{ mark_replaced_rows() }}",
        "{{ forget_rebuilt_days() }}",
    ],
    access='protected',
) }}

-- One slim row per raw row: which event it tells of, what it would touch, which rules it broke.
-- Rows that another version of their file has replaced stay, marked, until every model has let go
-- of them: what they touched is to be worked out anew. Only what follows touched keys reads them
-- here; for everything else there is stg_event_rows.
with base_events as (
    select * from {{ ref('base_events') }}
    {% if goes_on() or var('events_per_run') > 0 -%}
    where
        load_id in {{ claimed_loads() }}
        or (load_id in {{ loads_taken() }} and {{ is_of_rebuilt_day('cast(event_at as date)') }})
    {%- endif %}
),

sites as (
    select * from {{ ref('sites') }}
),

judged as (
    select
        base_events.*,
        {{ broken_rules('base_events', 'sites') }} as broken_rules
    from base_events
    left join sites on base_events.site_id = sites.site_id
),

final as (
    select
        ---------- ids
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        referrer_page_key,
        case when named_post_key is not null then canonical_page_key end as canonical_page_key,
        named_post_key,
        case when plain_page_key <> page_key then plain_page_key end as plain_page_key,
        case when named_post_key is not null then alias_list_key end as alias_list_key,
        {{ fingerprint_key() }} as fingerprint_key,
        load_id,
        cast(null as {{ dbt.type_string() }}) as replaced_by_load_id,
        site_id,
        event_id,

        ---------- text
        action,
        {{ record_hash() }} as record_hash,
        broken_rules,
        file_url,

        ---------- numbers
        line_number,

        ---------- booleans
        broken_rules is null as is_valid,
        has_tracker_session,

        ---------- times
        event_at,
        {{ dbt.date_trunc('hour', 'event_at') }} as event_hour_at,
        cast(event_at as date) as event_date,
        received_at
    from judged
)

select * from final
