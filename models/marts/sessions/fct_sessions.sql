{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    meta=meta_of_own_columns('extra_columns'),
    pre_hook=["{{ claim_loads() }}", "{{ add_own_columns('extra_columns') }}"],
    post_hook="{{ confirm_loads() }}",
) }}

with int_sessions as {{ not_materialized() }} (
    select *
    from {{ ref('int_sessions') }}
    where {{ is_affected('visitor_key') }}
),

sites as (
    select * from {{ ref('sites') }}
),

-- Windows over narrow rows; the columns that only pass through are joined after.
ordered_sessions as (
    select
        session_key,
        visitor_key,
        segment,
        tracker_session_number,
        started_at,
        ended_at,
        row_number() over (
            partition by visitor_key
            order by started_at, session_key
        ) as session_in_visitor,
        count(segment) over (
            partition by visitor_key
            order by started_at, session_key
            rows between unbounded preceding and current row
        ) as segments_recorded,
        max(ended_at) over (
            partition by visitor_key
            order by started_at, session_key
            rows between unbounded preceding and 1 preceding
        ) as seen_before_at,
        case
            when previous_session_timestamp_at < started_at then previous_session_timestamp_at
        end as recorded_before_at
    from int_sessions
),

-- The tracker knows sessions from before the first file; the events know sessions that the tracker
-- forgot.
last_seen as (
    select
        *,
        {{ greatest_of([
            'coalesce(seen_before_at, recorded_before_at)',
            'coalesce(recorded_before_at, seen_before_at)',
        ]) }} as last_seen_before_at,
        -- Among sessions with the same number of recorded segments so far, exactly one recorded a
        -- segment.
        max(segment) over (partition by visitor_key, segments_recorded) as last_segment
    from ordered_sessions
),

states as (
    select
        session_key,
        session_in_visitor,
        {{ greatest_of(['coalesce(tracker_session_number, 0)', 'session_in_visitor']) }} - 1
            as sessions_before,
        {{ seconds_between('last_seen_before_at', 'started_at') }} as seconds_since_last_seen,
        {{ seconds_between('started_at', 'ended_at') }} as duration_seconds,
        last_segment
    from last_seen
),

with_states as (
    select
        sessions.*,
        states.session_in_visitor,
        states.sessions_before,
        states.seconds_since_last_seen,
        states.duration_seconds,
        states.last_segment
    from int_sessions as sessions
    inner join states on sessions.session_key = states.session_key
),

final as (
    select
        ---------- ids
        sessions.session_key,
        sessions.visitor_key,
        sessions.site_id,
        sessions.entry_post_key,
        sessions.exit_post_key,
        {{ campaign_key('sessions') }} as campaign_key,

        ---------- text
        sessions.entry_page_url,
        sessions.exit_page_url,
        sessions.source_url,
        sessions.source_class,
        sessions.source_name,
        case
            when sessions.campaign_channel in ('email', 'paid') then sessions.campaign_channel
            when sessions.source_class = 'email' then 'email'
            when sessions.campaign_channel = 'social' or sessions.source_class = 'social'
                then 'social'
            when sessions.source_class in ('search', 'ai', 'aggregator', 'direct', 'campaign')
                then sessions.source_class
            when sessions.source_class = 'other' then 'referral'
        end as acquisition_channel,
        sessions.campaign,
        sessions.campaign_medium,
        sessions.campaign_source,
        sessions.campaign_content,
        sessions.campaign_term,
        sessions.channel,
        sessions.device_class,
        sessions.browser,
        sessions.os,
        sessions.country_code,
        sessions.region_code,
        sessions.city_name,
        sessions.last_segment as segment,

        ---------- numbers
        cast(sessions.session_in_visitor as bigint) as session_in_visitor,
        cast(sessions.sessions_before as bigint) as sessions_before,
        case
            when sessions.seconds_since_last_seen < 0 then 0
            else cast(floor(sessions.seconds_since_last_seen / 86400.0) as bigint)
        end as days_since_last_session,
        sessions.duration_seconds,
        sessions.events,
        sessions.pageviews,
        sessions.posts,
        sessions.engaged_seconds,
        sessions.video_starts,
        sessions.video_watch_seconds,
        sessions.conversions,

        ---------- booleans
        coalesce(
            sessions.seconds_since_last_seen <= {{ var('returning_visitor_days') }} * 86400,
            false
        ) as is_returning,
        sessions.pageviews = 1 as is_bounce,
        sessions.duration_seconds > {{ var('overlong_session_hours') }} * 3600 as is_overlong,
        sessions.has_tracker_session,

        ---------- times
        sessions.started_at,
        sessions.ended_at,
        {{ local_hour('sessions.started_at', site_time_zone('sites')) }} as started_local_hour,
        {{ local_date('sessions.started_at', site_time_zone('sites')) }} as started_date
        {{- own_columns_of('sessions', is_mart=true) }}
    from with_states as sessions
    left join sites on sessions.site_id = sites.site_id
)

select * from final
{{ stored_in_order_of(['started_date', 'entry_page_url']) }}
