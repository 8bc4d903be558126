{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per visitor, with the attributes that only change when the visitor is seen again.
with fct_sessions as (
    select *
    from {{ ref('fct_sessions') }}
    where {{ is_affected('visitor_key') }}
),

int_sessions as (
    select visitor_key, visitor_site_id
    from {{ ref('int_sessions') }}
    where {{ is_affected('visitor_key') }}
),

names as (
    select distinct visitor_key, visitor_site_id from int_sessions
),

totals as (
    select
        visitor_key,
        site_id,
        count(*) as sessions,
        cast(sum(pageviews) as bigint) as pageviews,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        cast(sum(conversions) as bigint) as conversions,
        count(distinct started_date) as active_days,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        min(started_date) as first_session_date,
        max(started_date) as last_session_date
    from fct_sessions
    group by visitor_key, site_id
),

first_sessions as (
    select * from fct_sessions where session_in_visitor = 1
),

last_sessions as (
    select fct_sessions.*
    from fct_sessions
    inner join totals
        on
            fct_sessions.visitor_key = totals.visitor_key
            and fct_sessions.session_in_visitor = totals.sessions
),

final as (
    select
        ---------- ids
        totals.visitor_key,
        totals.site_id,
        names.visitor_site_id,
        first_sessions.entry_post_key as first_post_key,
        last_sessions.exit_post_key as last_post_key,

        ---------- text
        first_sessions.acquisition_channel as first_acquisition_channel,
        first_sessions.source_name as first_source_name,
        last_sessions.acquisition_channel as last_acquisition_channel,
        last_sessions.source_name as last_source_name,

        ---------- numbers
        totals.sessions,
        totals.pageviews,
        totals.engaged_seconds,
        totals.conversions,
        totals.active_days,

        ---------- times
        totals.first_seen_at,
        totals.last_seen_at,
        totals.first_session_date,
        totals.last_session_date
    from totals
    inner join names on totals.visitor_key = names.visitor_key
    inner join first_sessions on totals.visitor_key = first_sessions.visitor_key
    inner join last_sessions on totals.visitor_key = last_sessions.visitor_key
)

select * from final
