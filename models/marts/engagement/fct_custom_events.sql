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
        and action not in ('videostart', 'vheartbeat', 'conversion')
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

final as (
    select
        ---------- ids
        stg_events.event_key,
        attribution.session_key,
        stg_events.session_scope_key,
        stg_events.visitor_key,
        stg_events.site_id,
        attribution.pageview_key,
        coalesce(page_posts.post_key, stg_events.page_key) as post_key,

        ---------- text
        stg_events.action,
        stg_events.extra_data,
        stg_events.page_clean_url as page_url,
        sessions.source_class,
        sessions.source_name,
        stg_events.channel,
        stg_events.device_class,
        stg_events.country_code,

        ---------- times
        stg_events.event_at as occurred_at,
        {{ local_hour('stg_events.event_at', site_time_zone('sites')) }} as occurred_local_hour,
        {{ local_date('stg_events.event_at', site_time_zone('sites')) }} as occurred_date
    from attribution
    inner join stg_events on attribution.event_key = stg_events.event_key
    inner join sessions on attribution.session_key = sessions.session_key
    left join page_posts on stg_events.page_key = page_posts.page_key
    left join sites on stg_events.site_id = sites.site_id
)

select * from final
