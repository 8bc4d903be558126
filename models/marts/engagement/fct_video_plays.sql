{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

with stg_events as (
    select *
    from {{ ref('stg_events') }}
    where {{ is_affected('event_date') }}
),

attribution as (
    select *
    from {{ ref('int_action_attribution') }}
    where
        {{ is_affected('session_scope_key') }}
        and play_key is not null
),

sessions as (
    select session_key, source_class, source_name
    from {{ ref('int_sessions') }}
    where {{ is_affected('session_scope_key') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

sites as (
    select * from {{ ref('sites') }}
),

-- Attributes of a play come from its videostart, or from the first vheartbeat of orphan watch time.
-- The video's metadata comes from the first of these events that has any.
events as (
    select
        stg_events.*,
        attribution.session_key,
        attribution.pageview_key,
        attribution.play_key,
        attribution.video_key,
        attribution.event_in_session,
        attribution.is_orphan,
        row_number() over (
            partition by attribution.play_key
            order by
                case when attribution.action = 'videostart' then 0 else 1 end,
                attribution.event_in_session
        ) as first_event_rank,
        row_number() over (
            partition by attribution.play_key
            order by
                case when stg_events.has_metadata then 0 else 1 end,
                case when attribution.action = 'videostart' then 0 else 1 end,
                attribution.event_in_session
        ) as metadata_rank
    from attribution
    inner join stg_events on attribution.event_key = stg_events.event_key
),

watch_time as (
    select
        play_key,
        sum(case when action = 'vheartbeat' then engaged_time_inc_seconds else 0 end)
            as watch_seconds
    from events
    group by play_key
),

videos as (
    select
        *,
        case
            when metadata_duration > 0
                then
                    cast(metadata_duration as {{ type_double() }})
                    / {{ 1000 if var('video_duration_unit') == 'milliseconds' else 1 }}
        end as duration_seconds
    from events
    where metadata_rank = 1
),

plays as (
    select
        *,
        case
            when not is_orphan
                then
                    row_number() over (
                        partition by session_key, is_orphan order by event_in_session
                    )
        end as play_in_session
    from events
    where first_event_rank = 1
),

final as (
    select
        ---------- ids
        plays.play_key,
        plays.session_key,
        plays.session_scope_key,
        plays.visitor_key,
        plays.site_id,
        plays.pageview_key,
        coalesce(page_posts.post_key, plays.page_key) as post_key,
        videos.video_key,
        plays.videostart_id,
        videos.metadata_post_id as video_post_id,

        ---------- text
        plays.page_clean_url as page_url,
        videos.metadata_canonical_url as video_url,
        videos.metadata_title as video_title,
        videos.metadata_section as video_section,
        videos.metadata_authors as video_authors,
        sessions.source_class,
        sessions.source_name,
        plays.channel,
        plays.device_class,
        plays.country_code,
        case
            when plays.is_orphan then null
            when watch_time.watch_seconds <= {{ var('video_skim_max_seconds') }} then 'skim'
            when watch_time.watch_seconds <= {{ var('video_watch_max_seconds') }} then 'watch'
            else 'deep watch'
        end as watch_category,

        ---------- numbers
        case when plays.is_orphan then 0 else 1 end as plays,
        cast(watch_time.watch_seconds as bigint) as watch_seconds,
        videos.duration_seconds as video_duration_seconds,
        watch_time.watch_seconds / videos.duration_seconds as watched_share,
        cast(plays.play_in_session as bigint) as play_in_session,

        ---------- booleans
        plays.is_orphan,

        ---------- times
        plays.event_at as started_at,
        {{ local_hour('plays.event_at', site_time_zone('sites')) }} as started_local_hour,
        {{ local_date('plays.event_at', site_time_zone('sites')) }} as started_date
    from plays
    inner join videos on plays.play_key = videos.play_key
    inner join watch_time on plays.play_key = watch_time.play_key
    inner join sessions on plays.session_key = sessions.session_key
    left join page_posts on plays.page_key = page_posts.page_key
    left join sites on plays.site_id = sites.site_id
)

select * from final
