{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- Assigns each event to a session and a pageview; both rules are defined only here. Also carries
-- the columns that sessions and pageviews aggregate, so that the events are not read again for
-- them.
--
-- A session is the tracker's own or, when the tracker kept none, a series of a visitor's events
-- with gaps below session_gap_minutes. A heartbeat belongs to the pageview of its session with its
-- pageview id, at any time, and on the same page when several pages share that id; without an id,
-- to the latest pageview of its page that was open by then. A heartbeat without a pageview is
-- orphan engagement with its own key.
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
        segment,
        engaged_time_inc_seconds,
        has_tracker_session,
        event_at,
        event_date,
        received_at,
        case when has_tracker_session then session_scope_key else visitor_key end as sequence_key
        {{- own_texts_of_event('action', 'extra_data') }}
    from stg_events
    where
        {{ is_affected('session_scope_key') }}
        and {{ is_affected('event_date') }}
        and {{ is_counted() }}
),

ordered as (
    select
        *,
        row_number() over (partition by sequence_key order by {{ event_order() }}) as sequence_position
    from events
),

---------- sessions

tracked as (
    select
        *,
        session_scope_key as session_key,
        sequence_position as event_in_session
    from ordered
    where has_tracker_session
),

gaps as (
    select
        *,
        case
            when
                {{ seconds_between(
                    'lag(event_at) over (partition by sequence_key order by sequence_position)',
                    'event_at'
                ) }} < {{ var('session_gap_minutes') }} * 60
                then 0
            else 1
        end as opens_session
    from ordered
    where not has_tracker_session
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
        min(event_at) over (partition by sequence_key, session_number) as session_started_at,
        row_number() over (
            partition by sequence_key, session_number
            order by sequence_position
        ) as event_in_session
    from numbered
),

{%- set carried = [
    'event_key', 'visitor_key', 'session_scope_key', 'page_key', 'site_id', 'pageview_id',
    'action', 'segment', 'engaged_time_inc_seconds', 'event_at', 'event_date', 'session_key',
    'event_in_session',
] %}
{%- for column in own_columns('extra_columns') -%}
    {%- do carried.append('extra__' ~ column['name']) -%}
{%- endfor %}

untracked as (
    select
        *,
        {{ surrogate_key(['visitor_key', "'inactivity'", 'session_started_at']) }} as session_key
    from started
),

in_sessions as (
    select
        {{ carried | join(',\n        ') }},
        coalesce(pageview_id, cast(page_key as {{ dbt.type_string() }})) as page_handle
    from tracked
    union all
    select
        {{ carried | join(',\n        ') }},
        coalesce(pageview_id, cast(page_key as {{ dbt.type_string() }})) as page_handle
    from untracked
),

---------- pageviews

pageviews as (
    select
        *,
        row_number() over (
            partition by session_key, page_handle
            order by event_in_session
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

-- For each heartbeat, the position in its session of the candidate pageview: the latest at or
-- before it, else the first after it; by pageview id or, for heartbeats without one, by page.
placed_by_id as (
    select
        *,
        {{ nearest_event('pageview', 'pageview_id') }} as pageview_position
    from in_sessions
    where pageview_id is not null and action in ('pageview', 'heartbeat')
),

repeated_pageview_ids as (
    select
        session_key,
        pageview_id
    from pageviews
    where pageview_id is not null
    group by session_key, pageview_id
    having count(*) > 1
),

placed_by_id_and_page as (
    select
        in_sessions.event_key,
        {{ nearest_event('pageview', 'in_sessions.pageview_id, in_sessions.page_key', relation='in_sessions') }}
            as pageview_position
    from in_sessions
    inner join repeated_pageview_ids as shared
        on
            in_sessions.session_key = shared.session_key
            and in_sessions.pageview_id = shared.pageview_id
    where in_sessions.action in ('pageview', 'heartbeat')
),

pages_of_heartbeats_without_id as (
    select distinct
        session_key,
        page_key
    from in_sessions
    where pageview_id is null and action = 'heartbeat'
),

placed_by_page as (
    select
        in_sessions.*,
        {{ nearest_event('pageview', 'in_sessions.page_key', relation='in_sessions') }}
            as pageview_position
    from in_sessions
    inner join pages_of_heartbeats_without_id as plain
        on
            in_sessions.session_key = plain.session_key
            and in_sessions.page_key = plain.page_key
    where in_sessions.action in ('pageview', 'heartbeat')
),

heartbeats as (
    select * from placed_by_id where action = 'heartbeat'
    union all
    select * from placed_by_page where action = 'heartbeat' and pageview_id is null
),

keyed_heartbeats as (
    select
        heartbeats.*,
        coalesce(
            keyed_pageviews.pageview_key,
            {{ surrogate_key(
                ['heartbeats.session_key', "'orphan'", 'heartbeats.page_handle']
            ) }}
        ) as pageview_key,
        keyed_pageviews.pageview_key is null as is_orphan
    from heartbeats
    left join placed_by_id_and_page as of_page on heartbeats.event_key = of_page.event_key
    left join keyed_pageviews
        on
            heartbeats.session_key = keyed_pageviews.session_key
            and coalesce(of_page.pageview_position, heartbeats.pageview_position)
            = keyed_pageviews.event_in_session
),

---------- all

attributed as (
    select
        {{ carried | join(',\n        ') }},
        pageview_key,
        false as is_orphan
    from keyed_pageviews
    union all
    select
        {{ carried | join(',\n        ') }},
        pageview_key,
        is_orphan
    from keyed_heartbeats
    union all
    select
        {{ carried | join(',\n        ') }},
        cast(null as {{ type_key() }}) as pageview_key,
        false as is_orphan
    from in_sessions
    where action not in ('pageview', 'heartbeat')
),

final as (
    select
        ---------- ids
        event_key,
        session_scope_key,
        session_key,
        pageview_key,
        visitor_key,
        page_key,
        site_id,

        ---------- text
        action,
        segment,

        ---------- numbers
        event_in_session,
        engaged_time_inc_seconds,

        ---------- booleans
        is_orphan,

        ---------- times
        event_at,
        event_date
        {{- own_values_of_event() }}
    from attributed
)

-- Stored by date, so that queries for a few days read little else.
select * from final
order by event_date, session_key
