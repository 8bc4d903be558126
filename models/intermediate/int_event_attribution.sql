{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
) }}

-- Which session and which pageview each event belongs to: the one place for both rules.
--
-- A session is the tracker's, or, where the tracker kept none, a run of a visitor's events with
-- gaps below session_gap_minutes. A heartbeat belongs to the pageview of its session with its
-- pageview id, wherever it stands in time; without an id, to the latest pageview of its page that
-- was open by then. A heartbeat that finds no pageview is an orphan, under a key of its own.
with stg_events as (
    select * from {{ ref('stg_events') }}
),

events as (
    select
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        site_id,
        pageview_id,
        action,
        has_tracker_session,
        event_at,
        event_date,
        received_at,
        case when has_tracker_session then session_scope_key else visitor_key end as sequence_key
    from stg_events
    where
        {{ is_touched('session_scope_key') }}
        and {{ is_touched('event_date') }}
        and {{ is_counted() }}
),

ordered as (
    select
        *,
        row_number() over (partition by sequence_key order by {{ event_order() }}) as sequence_position
    from events
),

---------- sessions

gaps as (
    select
        *,
        case
            when has_tracker_session then 0
            when
                {{ seconds_between(
                    'lag(event_at) over (partition by sequence_key order by sequence_position)',
                    'event_at'
                ) }} < {{ var('session_gap_minutes') }} * 60
                then 0
            else 1
        end as opens_session
    from ordered
),

numbered as (
    select
        *,
        sum(opens_session) over (
            partition by sequence_key
            order by sequence_position
            rows between unbounded preceding and current row
        ) as session_number
    from gaps
),

started as (
    select
        *,
        min(event_at) over (partition by sequence_key, session_number) as session_started_at
    from numbered
),

in_sessions as (
    select
        *,
        case
            when has_tracker_session then session_scope_key
            else {{ surrogate_key(['visitor_key', "'inactivity'", 'session_started_at']) }}
        end as session_key,
        coalesce(pageview_id, page_key) as page_handle
    from started
),

---------- pageviews

pageviews as (
    select
        event_key,
        session_key,
        page_handle,
        sequence_position,
        row_number() over (
            partition by session_key, page_handle
            order by sequence_position
        ) as view_number
    from in_sessions
    where action = 'pageview'
),

keyed_pageviews as (
    select
        *,
        {{ surrogate_key(['session_key', 'page_handle', 'view_number']) }} as pageview_key
    from pageviews
),

---------- heartbeats

-- For each event, where in its session the pageview stands that it would belong to: the latest at
-- or before it, else the first after it.
placed as (
    select
        *,
        {{ nearest_pageview('pageview_id') }} as position_by_id,
        {{ nearest_pageview('page_key') }} as position_by_page
    from in_sessions
    where action in ('pageview', 'heartbeat')
),

heartbeats as (
    select
        *,
        case when pageview_id is null then position_by_page else position_by_id end
            as pageview_position
    from placed
    where action = 'heartbeat'
),

keyed_heartbeats as (
    select
        heartbeats.event_key,
        coalesce(
            keyed_pageviews.pageview_key,
            {{ surrogate_key(
                ['heartbeats.session_key', "'orphan'", 'heartbeats.page_handle']
            ) }}
        ) as pageview_key,
        keyed_pageviews.pageview_key is null as is_orphan
    from heartbeats
    left join keyed_pageviews
        on
            heartbeats.session_key = keyed_pageviews.session_key
            and heartbeats.pageview_position = keyed_pageviews.sequence_position
),

final as (
    select
        ---------- ids
        in_sessions.event_key,
        in_sessions.session_scope_key,
        in_sessions.session_key,
        coalesce(keyed_pageviews.pageview_key, keyed_heartbeats.pageview_key) as pageview_key,
        in_sessions.visitor_key,
        in_sessions.site_id,

        ---------- text
        in_sessions.action,

        ---------- numbers
        row_number() over (
            partition by in_sessions.session_key
            order by in_sessions.sequence_position
        ) as event_in_session,

        ---------- booleans
        coalesce(keyed_heartbeats.is_orphan, false) as is_orphan,

        ---------- times
        in_sessions.event_at,
        in_sessions.event_date
    from in_sessions
    left join keyed_pageviews on in_sessions.event_key = keyed_pageviews.event_key
    left join keyed_heartbeats on in_sessions.event_key = keyed_heartbeats.event_key
)

select * from final
