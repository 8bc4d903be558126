{{ config(
    materialized='incremental',
    incremental_strategy='replace_touched',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    on_schema_change='fail',
) }}

with stg_events as (
    select * from {{ ref('stg_events') }}
),

attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_touched('session_scope_key') }}
        and pageview_key is not null
),

sessions as (
    select session_key, source_class, source_name
    from {{ ref('int_sessions') }}
    where {{ is_touched('session_scope_key') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

sites as (
    select * from {{ ref('sites') }}
),

engagement as (
    select
        attribution.pageview_key,
        sum(stg_events.engaged_time_inc_seconds) as engaged_seconds
    from attribution
    inner join stg_events on attribution.event_key = stg_events.event_key
    where attribution.action = 'heartbeat'
    group by attribution.pageview_key
),

-- The pageview itself speaks for the row; orphan engagement is spoken for by its first heartbeat.
ranked_speakers as (
    select
        *,
        row_number() over (
            partition by pageview_key
            order by case when action = 'pageview' then 0 else 1 end, event_in_session
        ) as speaker_rank
    from attribution
),

views as (
    select
        stg_events.*,
        speakers.pageview_key,
        speakers.session_key,
        speakers.event_in_session,
        speakers.is_orphan,
        coalesce(page_posts.post_key, stg_events.page_key) as post_key,
        case
            when stg_events.referrer_page_key is not null
                then coalesce(referrer_posts.post_key, stg_events.referrer_page_key)
        end as referrer_post_key
    from ranked_speakers as speakers
    inner join stg_events on speakers.event_key = stg_events.event_key
    left join page_posts on stg_events.page_key = page_posts.page_key
    left join page_posts as referrer_posts
        on stg_events.referrer_page_key = referrer_posts.page_key
    where speakers.speaker_rank = 1
),

in_session_order as (
    select
        *,
        case
            when not is_orphan
                then
                    row_number() over (
                        partition by session_key, is_orphan order by event_in_session
                    )
        end as pageview_in_session,
        not is_orphan and row_number() over (
            partition by session_key, is_orphan order by event_in_session desc
        ) = 1 as is_exit
    from views
),

final as (
    select
        ---------- ids
        views.pageview_key,
        views.session_key,
        views.session_scope_key,
        views.visitor_key,
        views.site_id,
        views.post_key,
        case when views.referrer_post_key <> views.post_key then views.referrer_post_key end
            as referrer_post_key,
        views.pageview_id,

        ---------- text
        views.page_clean_url as page_url,
        views.referrer_url,
        views.referrer_class,
        views.referrer_name,
        sessions.source_class,
        sessions.source_name,
        views.channel,
        views.campaign,
        views.campaign_medium,
        views.campaign_source,
        views.campaign_content,
        views.campaign_term,
        views.device_class,
        views.country_code,
        views.region_code,
        views.city_name,
        case
            when views.is_orphan then null
            when coalesce(engagement.engaged_seconds, 0) <= {{ var('skim_max_seconds') }}
                then 'skim'
            when engagement.engaged_seconds <= {{ var('read_max_seconds') }} then 'read'
            else 'deep read'
        end as read_category,

        ---------- numbers
        case when views.is_orphan then 0 else 1 end as views,
        cast(coalesce(engagement.engaged_seconds, 0) as bigint) as engaged_seconds,
        views.pageview_in_session,

        ---------- booleans
        views.is_orphan,
        coalesce(views.pageview_in_session = 1, false) as is_entry,
        views.is_exit,
        views.is_amp,

        ---------- times
        views.event_at as viewed_at,
        cast({{ at_time_zone('views.event_at', site_time_zone('sites')) }} as date) as viewed_date
    from in_session_order as views
    left join sites on views.site_id = sites.site_id
    inner join sessions on views.session_key = sessions.session_key
    left join engagement on views.pageview_key = engagement.pageview_key
)

select * from final
