{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='group_key',
    pre_hook="{{ claim_loads(upstream='base_event_rows') }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- Visitors that behave like bots, with the evidence.
--
-- Rule burst: more events of a visitor, from one address, user agent and screen, on one page within
-- a few minutes than any person produces. The sender is part of the rule because many people may
-- share an id, but not a sender. Rule fingerprint: on one UTC day, many visitors with one address,
-- user agent and screen, each of whom only viewed one page that day. People behind one address do
-- more: if one of them stays on a page, or views another, the group is not flagged.
--
-- A group is a visitor and day with a burst, or a fingerprint and day. It is recomputed as a whole
-- when a copy of one of its events is added or removed. A group that no longer qualifies leaves a
-- row without a visitor. Only the days around affected rows are read from the key table, and for
-- event copies on other days only those of suspects.
with event_rows as {{ not_materialized() }} (
    select
        event_key,
        visitor_key,
        page_key,
        fingerprint_key as sender_key,
        case when has_fingerprint then fingerprint_key end as fingerprint_key,
        load_id,
        replaced_by_load_id,
        action,
        file_url,
        line_number,
        is_valid,
        event_at,
        received_at,
        event_date
    from {{ ref('base_event_rows') }}
),

current_rows as {{ not_materialized() }} (
    select * from event_rows where is_valid and replaced_by_load_id is null
),

copies as (
    select * from {{ ref('base_event_copies') }}
),

{% if has_prior_loads() -%}
stored as (
    select * from {{ this }}
),

claimed_rows as (
    select *
    from event_rows
    where {{ is_of_claimed_load() }}
    {{ union_distinct() }}
    select *
    from event_rows
    where
        (replaced_by_load_id is not null and replaced_by_load_id in {{ claimed_loads() }})
        or {{ is_on_rebuilt_day() }}
),

-- Rows that the loads add or replace, and the other copies of their events.
direct_rows as (
    select visitor_key, fingerprint_key, event_date from claimed_rows
    {{ union_distinct() }}
    select copied_rows.visitor_key, copied_rows.fingerprint_key, copied_rows.event_date
    from event_rows as copied_rows
    inner join copies
        on
            copied_rows.load_id = copies.load_id
            and copied_rows.file_url = copies.file_url
            and copied_rows.line_number = copies.line_number
            and copied_rows.event_date = copies.event_date
    where copies.event_key in (select claimed_rows.event_key from claimed_rows)
),

-- A burst may have started on the day before it reached the threshold.
affected_visitor_days as (
    select
        visitor_key,
        event_date
    from direct_rows
    {{ union_distinct() }}
    select
        visitor_key,
        {{ plus_days('event_date', '1') }} as event_date
    from direct_rows
),

nearby_dates as (
    select event_date from affected_visitor_days
    {{ union_distinct() }}
    select {{ plus_days('event_date', '-1') }} as event_date from affected_visitor_days
),

nearby_rows as (
    select *
    from current_rows
    where event_date in (select nearby_dates.event_date from nearby_dates)
),

affected_fingerprint_days as (
    select fingerprint_key, event_date from direct_rows
    {{ union_distinct() }}
    select nearby_rows.fingerprint_key, nearby_rows.event_date
    from nearby_rows
    inner join affected_visitor_days
        on
            nearby_rows.visitor_key = affected_visitor_days.visitor_key
            and nearby_rows.event_date = affected_visitor_days.event_date
),
{%- else -%}
nearby_rows as {{ not_materialized() }} (
    select * from current_rows
),
{%- endif %}

---------- suspects, including duplicates

busy_senders as (
    select visitor_key, page_key
    from nearby_rows
    where
        {{ has_bot_rule('burst') }}
        {%- if has_prior_loads() %}
        and visitor_key in (select affected.visitor_key from affected_visitor_days as affected)
        {%- endif %}
    group by visitor_key, page_key, sender_key
    having count(*) >= {{ var('bot_burst_events') }}
),

busy_visitors as (
    select distinct visitor_key, page_key from busy_senders
),

busy_fingerprint_days as (
    select nearby_rows.fingerprint_key, nearby_rows.event_date
    from nearby_rows
    {%- if has_prior_loads() %}
    inner join affected_fingerprint_days
        on
            nearby_rows.fingerprint_key = affected_fingerprint_days.fingerprint_key
            and nearby_rows.event_date = affected_fingerprint_days.event_date
    {%- endif %}
    where {{ has_bot_rule('fingerprint') }} and nearby_rows.fingerprint_key is not null
    group by nearby_rows.fingerprint_key, nearby_rows.event_date
    having count(distinct nearby_rows.visitor_key) >= {{ var('bot_fingerprint_visitors') }}
),

suspect_visitor_days as (
    select distinct nearby_rows.visitor_key, nearby_rows.event_date
    from nearby_rows
    inner join busy_fingerprint_days
        on
            nearby_rows.fingerprint_key = busy_fingerprint_days.fingerprint_key
            and nearby_rows.event_date = busy_fingerprint_days.event_date
),

suspect_events as (
    select nearby_rows.event_key
    from nearby_rows
    inner join busy_visitors
        on
            nearby_rows.visitor_key = busy_visitors.visitor_key
            and nearby_rows.page_key = busy_visitors.page_key
    {{ union_distinct() }}
    select nearby_rows.event_key
    from nearby_rows
    inner join suspect_visitor_days
        on
            nearby_rows.visitor_key = suspect_visitor_days.visitor_key
            and nearby_rows.event_date = suspect_visitor_days.event_date
),

---------- each event once

events as (
    select current_rows.*
    from current_rows
    left join copies
        on
            current_rows.load_id = copies.load_id
            and current_rows.file_url = copies.file_url
            and current_rows.line_number = copies.line_number
    where
        current_rows.event_key in (select suspect_events.event_key from suspect_events)
        and coalesce(copies.copy_rank, 1) = 1
),

---------- bursts

burst_windows as (
    select
        events.visitor_key,
        events.page_key,
        events.event_at,
        lag(events.event_at, {{ var('bot_burst_events') }} - 1) over (
            partition by events.visitor_key, events.page_key, events.sender_key
            order by events.event_at, events.event_key
        ) as burst_starts_at
    from events
    inner join busy_visitors
        on
            events.visitor_key = busy_visitors.visitor_key
            and events.page_key = busy_visitors.page_key
),

bursts as (
    select
        *,
        cast(event_at as date) as event_date,
        row_number() over (
            partition by visitor_key, cast(event_at as date) order by event_at, page_key
        ) as burst_number
    from burst_windows
    where {{ seconds_between('burst_starts_at', 'event_at') }} < {{ var('bot_burst_minutes') }} * 60
),

---------- fingerprints

visitor_days as (
    select
        events.visitor_key,
        events.event_date,
        count(*) as events,
        count(case when events.action = 'pageview' then 1 end) as pageviews
    from events
    inner join suspect_visitor_days
        on
            events.visitor_key = suspect_visitor_days.visitor_key
            and events.event_date = suspect_visitor_days.event_date
    group by events.visitor_key, events.event_date
),

fingerprint_visitors as (
    select distinct
        events.fingerprint_key,
        events.event_date,
        events.visitor_key
    from events
    inner join busy_fingerprint_days
        on
            events.fingerprint_key = busy_fingerprint_days.fingerprint_key
            and events.event_date = busy_fingerprint_days.event_date
),

fingerprint_days as (
    select
        fingerprint_visitors.fingerprint_key,
        fingerprint_visitors.event_date,
        count(*) as visitors
    from fingerprint_visitors
    inner join visitor_days
        on
            fingerprint_visitors.visitor_key = visitor_days.visitor_key
            and fingerprint_visitors.event_date = visitor_days.event_date
    group by fingerprint_visitors.fingerprint_key, fingerprint_visitors.event_date
    having
        count(*) >= {{ var('bot_fingerprint_visitors') }}
        and max(visitor_days.events) = 1
        and min(visitor_days.pageviews) = 1
),

---------- both

candidates as (
    select
        {{ surrogate_key(["'burst'", 'visitor_key', 'event_date']) }} as group_key,
        visitor_key,
        page_key as evidence_key,
        'burst' as bot_rule,
        cast({{ var('bot_burst_events') }} as bigint) as evidence_count,
        event_at as evidence_at
    from bursts
    where burst_number = 1
    union all
    select
        {{ surrogate_key([
            "'fingerprint'",
            'fingerprint_visitors.fingerprint_key',
            'fingerprint_visitors.event_date',
        ]) }} as group_key,
        fingerprint_visitors.visitor_key,
        fingerprint_visitors.fingerprint_key as evidence_key,
        'fingerprint' as bot_rule,
        fingerprint_days.visitors as evidence_count,
        {{ as_timestamp('fingerprint_visitors.event_date') }} as evidence_at
    from fingerprint_visitors
    inner join fingerprint_days
        on
            fingerprint_visitors.fingerprint_key = fingerprint_days.fingerprint_key
            and fingerprint_visitors.event_date = fingerprint_days.event_date
),

{% if has_prior_loads() -%}
affected_groups as (
    select {{ surrogate_key(["'burst'", 'visitor_key', 'event_date']) }} as group_key
    from affected_visitor_days
    {{ union_distinct() }}
    select {{ surrogate_key(["'fingerprint'", 'fingerprint_key', 'event_date']) }} as group_key
    from affected_fingerprint_days
),

affected_evidence as (
    select * from candidates where group_key in (select affected.group_key from affected_groups as affected)
),

cleared_groups as (
    select distinct stored.group_key
    from stored
    inner join affected_groups on stored.group_key = affected_groups.group_key
    left join affected_evidence on stored.group_key = affected_evidence.group_key
    where stored.visitor_key is not null and affected_evidence.group_key is null
),
{%- else -%}
affected_evidence as (
    select * from candidates
),
{%- endif %}

final as (
    select
        group_key,
        visitor_key,
        evidence_key,
        bot_rule,
        evidence_count,
        evidence_at
    from affected_evidence
    {%- if has_prior_loads() %}
    union all
    select
        group_key,
        cast(null as {{ type_key() }}) as visitor_key,
        cast(null as {{ type_key() }}) as evidence_key,
        cast(null as {{ dbt.type_string() }}) as bot_rule,
        cast(null as bigint) as evidence_count,
        {{ as_timestamp('null') }} as evidence_at
    from cleared_groups
    {%- endif %}
)

select * from final
