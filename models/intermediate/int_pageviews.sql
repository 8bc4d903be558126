{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
) }}

-- One row per pageview, as far as its own session tells; what its visitor did before is added in
-- fct_pageviews.
with stg_events as (
    select *
    from {{ ref('stg_events') }}
    where
        {{ is_touched('session_scope_key') }}
        and {{ is_touched('event_date') }}
),

attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_touched('session_scope_key') }}
        and {{ is_touched('event_date') }}
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
        coalesce(referrer_posts.post_key, stg_events.referrer_page_key) as told_referrer_post_key
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
        case when told_referrer_post_key <> post_key then told_referrer_post_key end
            as referrer_post_key,
        case
            when not is_orphan
                then
                    lead(post_key) over (
                        partition by session_key, is_orphan order by event_in_session
                    )
        end as next_post_key,
        case
            when not is_orphan
                then
                    lead(page_clean_url) over (
                        partition by session_key, is_orphan order by event_in_session
                    )
        end as next_page_url,
        case
            when not is_orphan
                then
                    row_number() over (
                        partition by session_key, is_orphan order by event_in_session
                    )
        end as pageview_in_session,
        not is_orphan and lead(pageview_key) over (
            partition by session_key, is_orphan order by event_in_session
        ) is null as is_exit
    from views
),

---------- recirculation

-- Each view under its own post, and once more under the post that it came from.
steps as (
    select
        session_key,
        post_key as step_post_key,
        pageview_in_session,
        true as is_own
    from in_session_order
    where not is_orphan
    union all
    select
        session_key,
        referrer_post_key as step_post_key,
        pageview_in_session,
        false as is_own
    from in_session_order
    where not is_orphan and referrer_post_key is not null
),

-- A view that came from a post was led to by the latest view of that post before it.
led as (
    select
        session_key,
        is_own,
        max(case when is_own then pageview_in_session end) over (
            partition by session_key, step_post_key
            order by pageview_in_session
            rows between unbounded preceding and 1 preceding
        ) as led_by_pageview
    from steps
),

leaders as (
    select distinct
        session_key,
        led_by_pageview
    from led
    where not is_own and led_by_pageview is not null
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
        views.referrer_post_key,
        views.next_post_key,
        views.pageview_id,

        ---------- text
        views.page_clean_url as page_url,
        views.next_page_url,
        views.referrer_url,
        views.referrer_class,
        views.referrer_name,
        sessions.source_class,
        sessions.source_name,
        views.channel,
        views.campaign_id,
        views.campaign,
        views.campaign_medium,
        views.campaign_source,
        views.campaign_content,
        views.campaign_term,
        views.campaign_channel,
        views.device_class,
        views.browser,
        views.os,
        views.country_code,
        views.region_code,
        views.city_name,
        views.segment,
        views.extra_data,
        case
            when views.is_orphan then null
            when coalesce(engagement.engaged_seconds, 0) <= {{ var('skim_max_seconds') }}
                then 'skim'
            when engagement.engaged_seconds <= {{ var('read_max_seconds') }} then 'read'
            else 'deep read'
        end as read_category,
        {{ word_count_bucket('views.metadata_word_count') }} as word_count_bucket,

        ---------- numbers
        case when views.is_orphan then 0 else 1 end as views,
        cast(coalesce(engagement.engaged_seconds, 0) as bigint) as engaged_seconds,
        views.pageview_in_session,
        views.metadata_word_count as word_count,
        case
            when views.metadata_published_at <= views.event_at
                then
                    cast(
                        floor(
                            {{ seconds_between('views.metadata_published_at', 'views.event_at') }}
                            / 3600.0
                        ) as bigint
                    )
        end as hours_since_published,

        ---------- booleans
        views.is_orphan,
        coalesce(views.pageview_in_session = 1, false) as is_entry,
        views.is_exit,
        leaders.led_by_pageview is not null as is_recirculated,
        views.is_amp,

        ---------- times
        views.event_at as viewed_at,
        views.event_hour_at as viewed_hour_at,
        views.event_date as viewed_utc_date,
        cast({{ at_time_zone('views.event_at', site_time_zone('sites')) }} as date) as viewed_date
    from in_session_order as views
    left join sites on views.site_id = sites.site_id
    inner join sessions on views.session_key = sessions.session_key
    left join engagement on views.pageview_key = engagement.pageview_key
    left join leaders
        on
            views.session_key = leaders.session_key
            and views.pageview_in_session = leaders.led_by_pageview
)

select * from final
