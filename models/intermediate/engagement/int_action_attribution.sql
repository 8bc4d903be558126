{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- Assigns every event that is neither a pageview nor a heartbeat to the pageview it happened on,
-- and video events also to a play.
--
-- The pageview is found by the first of pageview id, page load id and page that the event has. When
-- several pages share the pageview id, the page decides. Each lookup chooses the latest pageview at
-- or before the event, else the first after it. A vheartbeat belongs to the play of its session
-- with its videostart id, at any time; without an id, to the nearest play of its video, or of its
-- page when it names no video. One without a play is an orphan with its own key. The metadata of a
-- video event describes the video, so it never identifies the page.
with attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_affected('session_scope_key') }}
        and {{ is_affected('event_date') }}
),

stg_events as (
    select *
    from {{ ref('stg_events') }}
    where {{ is_affected('event_date') }}
),

-- Most sessions consist only of pageviews and heartbeats.
active_sessions as (
    select distinct session_key
    from attribution
    where action not in ('pageview', 'heartbeat')
),

events as (
    select
        attribution.*,
        stg_events.pageview_id,
        stg_events.pageload_id,
        stg_events.videostart_id,
        stg_events.page_clean_url,
        stg_events.channel,
        stg_events.device_class,
        stg_events.country_code,
        stg_events.conversion_type,
        stg_events.conversion_label,
        attribution.action in ('videostart', 'vheartbeat') as is_video,
        case
            when
                attribution.action in ('videostart', 'vheartbeat')
                and coalesce(stg_events.metadata_canonical_url, stg_events.metadata_post_id)
                is not null
                then
                    {{ surrogate_key([
                        'attribution.site_id',
                        "'video'",
                        'coalesce(stg_events.metadata_canonical_url, stg_events.metadata_post_id)',
                    ]) }}
        end as recorded_video_key
    from attribution
    inner join active_sessions on attribution.session_key = active_sessions.session_key
    inner join stg_events on attribution.event_key = stg_events.event_key
    where attribution.action <> 'heartbeat'
),

placed as (
    select
        *,
        coalesce(recorded_video_key, page_key) as video_key,
        coalesce(
            videostart_id,
            cast(coalesce(recorded_video_key, page_key) as {{ dbt.type_string() }})
        ) as play_handle,
        case
            when pageview_id is not null
                then
                    coalesce(
                        {{ nearest_event('pageview', 'pageview_id, page_key') }},
                        {{ nearest_event('pageview', 'pageview_id') }}
                    )
            when pageload_id is not null then {{ nearest_event('pageview', 'pageload_id') }}
            else {{ nearest_event('pageview', 'page_key') }}
        end as pageview_position,
        case
            when not is_video then null
            when videostart_id is not null then {{ nearest_event('videostart', 'videostart_id') }}
            when recorded_video_key is not null then {{ nearest_event('videostart', 'recorded_video_key') }}
            else {{ nearest_event('videostart', 'page_key') }}
        end as play_position
    from events
),

pageviews as (
    select
        session_key,
        event_in_session,
        pageview_key
    from placed
    where action = 'pageview'
),

---------- plays

plays as (
    select
        event_key,
        session_key,
        play_handle,
        event_in_session,
        row_number() over (
            partition by session_key, play_handle
            order by event_in_session
        ) as play_number
    from placed
    where action = 'videostart'
),

keyed_plays as (
    select
        *,
        {{ surrogate_key(['session_key', "'play'", 'play_handle', 'play_number']) }} as play_key
    from plays
),

final as (
    select
        ---------- ids
        placed.event_key,
        placed.session_scope_key,
        placed.session_key,
        pageviews.pageview_key,
        case
            when placed.is_video
                then
                    coalesce(
                        own_plays.play_key,
                        found_plays.play_key,
                        {{ surrogate_key(
                            ['placed.session_key', "'orphan play'", 'placed.play_handle']
                        ) }}
                    )
        end as play_key,
        case when placed.is_video then placed.video_key end as video_key,
        placed.visitor_key,
        placed.page_key,
        placed.site_id,

        ---------- text
        placed.action,
        placed.page_clean_url,
        placed.channel,
        placed.device_class,
        placed.country_code,
        placed.conversion_type,
        placed.conversion_label,

        ---------- numbers
        placed.event_in_session,

        ---------- booleans
        placed.action = 'vheartbeat' and found_plays.play_key is null as is_orphan,

        ---------- times
        placed.event_at
        {{- own_columns_of('placed') }}
    from placed
    left join pageviews
        on
            placed.session_key = pageviews.session_key
            and placed.pageview_position = pageviews.event_in_session
    left join keyed_plays as own_plays on placed.event_key = own_plays.event_key
    left join keyed_plays as found_plays
        on
            placed.session_key = found_plays.session_key
            and placed.play_position = found_plays.event_in_session
    where placed.action <> 'pageview'
)

select * from final
