{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per visitor and window with a session, with the previous window and whether the next one
-- has a session too. Which windows are over is only known at query time.
with fct_sessions as (
    select
        *,
        {{ tier_window_start('started_date') }} as window_start_date
    from {{ ref('fct_sessions') }}
    where {{ is_affected('visitor_key') }}
),

totals as (
    select
        visitor_key,
        site_id,
        count(*) as sessions,
        cast(sum(pageviews) as bigint) as pageviews,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,
        min(session_in_visitor) as first_session_in_visitor,
        window_start_date
    from fct_sessions
    group by visitor_key, site_id, window_start_date
),

in_order as (
    select
        *,
        lag(sessions) over (partition by visitor_key order by window_start_date)
            as sessions_when_last_seen,
        lag(window_start_date) over (partition by visitor_key order by window_start_date)
            as last_seen_window_date,
        lead(window_start_date) over (partition by visitor_key order by window_start_date)
            as next_seen_window_date
    from totals
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['in_order.visitor_key', 'in_order.window_start_date']) }}
            as visitor_tier_key,
        in_order.visitor_key,
        in_order.site_id,
        entries.entry_post_key,

        ---------- text
        entries.acquisition_channel,

        ---------- numbers
        in_order.sessions,
        in_order.pageviews,
        in_order.engaged_seconds,
        case
            when
                in_order.last_seen_window_date
                = {{ plus_days('in_order.window_start_date', '-1 * ' ~ var('tier_window_days')) }}
                then in_order.sessions_when_last_seen
            else 0
        end as previous_sessions,

        ---------- booleans
        in_order.last_seen_window_date is null as is_first,
        coalesce(
            in_order.next_seen_window_date
            = {{ plus_days('in_order.window_start_date', var('tier_window_days')) }},
            false
        ) as is_followed,

        ---------- times
        in_order.window_start_date
    from in_order
    inner join fct_sessions as entries
        on
            in_order.visitor_key = entries.visitor_key
            and in_order.first_session_in_visitor = entries.session_in_visitor
)

select * from final
