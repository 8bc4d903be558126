{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
) }}

-- One row per session, as far as its own events tell; what the visitor did before is added in
-- fct_sessions.
with stg_events as (
    select *
    from {{ ref('stg_events') }}
    where {{ is_touched('event_date') }}
),

attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_touched('session_scope_key') }}
        and {{ is_touched('event_date') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

events as (
    select
        attribution.session_key,
        attribution.event_in_session,
        stg_events.*,
        coalesce(page_posts.post_key, stg_events.page_key) as post_key
    from attribution
    inner join stg_events on attribution.event_key = stg_events.event_key
    left join page_posts on stg_events.page_key = page_posts.page_key
),

totals as (
    select
        session_key,
        count(*) as events,
        count(case when action = 'pageview' then 1 end) as pageviews,
        count(distinct case when action = 'pageview' then post_key end) as posts,
        cast(
            coalesce(sum(case when action = 'heartbeat' then engaged_time_inc_seconds end), 0)
            as bigint
        ) as engaged_seconds,
        count(case when action = 'videostart' then 1 end) as video_starts,
        cast(
            coalesce(sum(case when action = 'vheartbeat' then engaged_time_inc_seconds end), 0)
            as bigint
        ) as video_watch_seconds,
        count(case when action = 'conversion' then 1 end) as conversions,
        min(event_at) as started_at,
        max(event_at) as ended_at
    from events
    group by session_key
),

-- A session is entered and left by pageviews; one without any, by whatever it has.
edges as (
    select
        *,
        row_number() over (
            partition by session_key
            order by case when action = 'pageview' then 0 else 1 end, event_in_session
        ) as entry_rank,
        row_number() over (
            partition by session_key
            order by case when action = 'pageview' then 0 else 1 end, event_in_session desc
        ) as exit_rank
    from events
),

entries as (
    select
        *,
        has_tracker_session
        and coalesce(session_entry_url, session_referrer_url) is not null as tells_of_session
    from edges
    where entry_rank = 1
),

exits as (
    select * from edges where exit_rank = 1
),

---------- segment

ranked_segments as (
    select
        session_key,
        segment,
        row_number() over (partition by session_key order by event_in_session desc) as last_rank
    from events
    where segment is not null
),

last_segments as (
    select
        session_key,
        segment
    from ranked_segments
    where last_rank = 1
),

final as (
    select
        ---------- ids
        totals.session_key,
        entries.session_scope_key,
        entries.visitor_key,
        entries.site_id,
        entries.visitor_site_id,
        entries.post_key as entry_post_key,
        exits.post_key as exit_post_key,

        ---------- text
        entries.page_clean_url as entry_page_url,
        exits.page_clean_url as exit_page_url,
        -- Where the tracker tells nothing of the session, its first page does.
        {%- for from_tracker, from_page, name in [
            ('session_referrer_url', 'referrer_url', 'source_url'),
            ('source_class', 'referrer_class', 'source_class'),
            ('source_name', 'referrer_name', 'source_name'),
            ('entry_campaign', 'campaign', 'campaign'),
            ('entry_campaign_medium', 'campaign_medium', 'campaign_medium'),
            ('entry_campaign_source', 'campaign_source', 'campaign_source'),
            ('entry_campaign_content', 'campaign_content', 'campaign_content'),
            ('entry_campaign_term', 'campaign_term', 'campaign_term'),
            ('entry_campaign_channel', 'campaign_channel', 'campaign_channel'),
        ] %}
        case
            when entries.tells_of_session then entries.{{ from_tracker }}
            else entries.{{ from_page }}
        end as {{ name }},
        {%- endfor %}
        entries.channel,
        entries.device_class,
        entries.browser,
        entries.os,
        entries.country_code,
        entries.region_code,
        entries.city_name,
        last_segments.segment,

        ---------- numbers
        case when entries.has_tracker_session then entries.session_id end
            as tracker_session_number,
        totals.events,
        totals.pageviews,
        totals.posts,
        totals.engaged_seconds,
        totals.video_starts,
        totals.video_watch_seconds,
        totals.conversions,

        ---------- booleans
        entries.has_tracker_session,

        ---------- times
        totals.started_at,
        totals.ended_at,
        entries.previous_session_timestamp_at
    from totals
    inner join entries on totals.session_key = entries.session_key
    inner join exits on totals.session_key = exits.session_key
    left join last_segments on totals.session_key = last_segments.session_key
)

select * from final
