{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per pageview, with what its own session determines. fct_pageviews adds what depends on
-- earlier visits.
with stg_events as {{ not_materialized() }} (
    select *
    from {{ ref('stg_events') }}
    where
        {{ is_affected('session_scope_key') }}
        and {{ is_affected('event_date') }}
),

attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_affected('session_scope_key') }}
        and {{ is_affected('event_date') }}
        and pageview_key is not null
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

engagement as (
    select
        pageview_key,
        sum(engaged_time_inc_seconds) as engaged_seconds
    from attribution
    where action = 'heartbeat'
    group by pageview_key
),

---------- the event with the attributes of the row

-- The pageview itself; for orphan engagement, the first heartbeat.
first_orphans as (
    select
        pageview_key,
        min(event_in_session) as first_event_in_session
    from attribution
    where is_orphan
    group by pageview_key
),

main_events as (
    select * from attribution where action = 'pageview'
    union all
    select attribution.*
    from attribution
    inner join first_orphans
        on
            attribution.pageview_key = first_orphans.pageview_key
            and attribution.event_in_session = first_orphans.first_event_in_session
),

views as (
    select
        main_events.event_key,
        main_events.pageview_key,
        main_events.session_key,
        main_events.event_in_session,
        main_events.is_orphan,
        stg_events.page_clean_url,
        coalesce(page_posts.post_key, main_events.page_key) as post_key,
        coalesce(referrer_posts.post_key, stg_events.referrer_page_key) as recorded_referrer_post_key
        {{- own_columns_of('main_events') }}
    from main_events
    inner join stg_events on main_events.event_key = stg_events.event_key
    left join page_posts on main_events.page_key = page_posts.page_key
    left join page_posts as referrer_posts
        on stg_events.referrer_page_key = referrer_posts.page_key
),

---------- order in the session

orphans as (
    select
        *,
        cast(null as {{ type_key() }}) as next_post_key,
        cast(null as {{ dbt.type_string() }}) as next_page_url,
        cast(null as bigint) as pageview_in_session,
        false as is_exit
    from views
    where is_orphan
),

ordered_views as (
    select
        *,
        lead(post_key) over (partition by session_key order by event_in_session)
            as next_post_key,
        lead(page_clean_url) over (partition by session_key order by event_in_session)
            as next_page_url,
        row_number() over (partition by session_key order by event_in_session)
            as pageview_in_session,
        lead(pageview_key) over (partition by session_key order by event_in_session) is null
            as is_exit
    from views
    where not is_orphan
),

with_neighbors as (
    select
        *,
        case when recorded_referrer_post_key <> post_key then recorded_referrer_post_key end
            as referrer_post_key
    from ordered_views
    union all
    select
        *,
        case when recorded_referrer_post_key <> post_key then recorded_referrer_post_key end
            as referrer_post_key
    from orphans
),

---------- recirculation

-- Each view under its own post, and again under the post that referred it.
post_steps as (
    select
        session_key,
        post_key as step_post_key,
        pageview_in_session,
        true as is_own
    from with_neighbors
    where not is_orphan
    union all
    select
        session_key,
        referrer_post_key as step_post_key,
        pageview_in_session,
        false as is_own
    from with_neighbors
    where not is_orphan and referrer_post_key is not null
),

-- A referred view is credited to the latest view of the referring post before it.
credited_steps as (
    select
        session_key,
        is_own,
        max(case when is_own then pageview_in_session end) over (
            partition by session_key, step_post_key
            order by pageview_in_session
            rows between unbounded preceding and 1 preceding
        ) as credited_pageview
    from post_steps
),

recirculating_pageviews as (
    select distinct
        session_key,
        credited_pageview
    from credited_steps
    where not is_own and credited_pageview is not null
),

final as (
    select
        ---------- ids
        views.pageview_key,
        views.session_key,
        stg_events.session_scope_key,
        stg_events.visitor_key,
        stg_events.site_id,
        views.post_key,
        views.referrer_post_key,
        views.next_post_key,
        stg_events.pageview_id,

        ---------- text
        stg_events.page_clean_url as page_url,
        views.next_page_url,
        stg_events.referrer_url,
        stg_events.referrer_class,
        stg_events.referrer_name,
        sessions.source_class,
        sessions.source_name,
        stg_events.channel,
        stg_events.campaign_id,
        stg_events.campaign,
        stg_events.campaign_medium,
        stg_events.campaign_source,
        stg_events.campaign_content,
        stg_events.campaign_term,
        stg_events.campaign_channel,
        stg_events.device_class,
        stg_events.browser,
        stg_events.os,
        stg_events.country_code,
        stg_events.region_code,
        stg_events.city_name,
        stg_events.segment,
        stg_events.extra_data,
        case
            when views.is_orphan then null
            when coalesce(engagement.engaged_seconds, 0) <= {{ var('skim_max_seconds') }}
                then 'skim'
            when engagement.engaged_seconds <= {{ var('read_max_seconds') }} then 'read'
            else 'deep read'
        end as read_category,
        {{ word_count_bucket('stg_events.metadata_word_count') }} as word_count_bucket,

        ---------- numbers
        case when views.is_orphan then 0 else 1 end as views,
        cast(coalesce(engagement.engaged_seconds, 0) as bigint) as engaged_seconds,
        views.pageview_in_session,
        stg_events.metadata_word_count as word_count,
        case
            when stg_events.metadata_published_at <= stg_events.event_at
                then
                    cast(
                        floor(
                            {{ seconds_between('stg_events.metadata_published_at', 'stg_events.event_at') }}
                            / 3600.0
                        ) as bigint
                    )
        end as hours_since_published,

        ---------- booleans
        views.is_orphan,
        coalesce(views.pageview_in_session = 1, false) as is_entry,
        views.is_exit,
        recirculating_pageviews.credited_pageview is not null as is_recirculated,
        stg_events.is_amp,

        ---------- times
        stg_events.event_at as viewed_at,
        stg_events.event_hour_at as viewed_hour_at,
        stg_events.event_date as viewed_utc_date,
        cast({{ at_time_zone('stg_events.event_at', site_time_zone('sites')) }} as date) as viewed_date
        {{- own_columns_of('views') }}
    from with_neighbors as views
    inner join stg_events on views.event_key = stg_events.event_key
    left join sites on stg_events.site_id = sites.site_id
    inner join sessions on views.session_key = sessions.session_key
    left join engagement on views.pageview_key = engagement.pageview_key
    left join recirculating_pageviews
        on
            views.session_key = recirculating_pageviews.session_key
            and views.pageview_in_session = recirculating_pageviews.credited_pageview
)

select * from final
{{ stored_in_order_of(['viewed_hour_at', 'site_id', 'visitor_key']) }}
