{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}
{%- set high_value_types = "'" ~ var('high_value_conversion_types') | join("', '") ~ "'" -%}
{%- set low_value_types = "'" ~ var('low_value_conversion_types') | join("', '") ~ "'" %}

with attribution as (
    select *
    from {{ ref('int_action_attribution') }}
    where
        action = 'conversion'
        and {{ is_affected('visitor_key') }}
),

conversion_events as (
    select * from {{ ref('stg_events') }} where action = 'conversion'
),

touches as (
    select *
    from {{ ref('int_conversion_touches') }}
    where {{ is_affected('visitor_key') }}
),

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

sites as (
    select * from {{ ref('sites') }}
),

seen_before as (
    select
        conversion_key,
        sum(views) as pageviews,
        count(case when views > 0 then 1 end) as posts,
        min(case when views > 0 then first_touched_at end) as first_viewed_at
    from touches
    group by conversion_key
),

final as (
    select
        ---------- ids
        attribution.event_key as conversion_key,
        attribution.session_key,
        attribution.visitor_key,
        attribution.site_id,
        attribution.pageview_key,
        coalesce(page_posts.post_key, conversion_events.page_key) as post_key,

        ---------- text
        conversion_events.conversion_type,
        conversion_events.conversion_label,
        case
            when conversion_events.conversion_type in ({{ high_value_types }}) then 'high'
            when conversion_events.conversion_type in ({{ low_value_types }}) then 'low'
            when conversion_events.conversion_type is not null then 'medium'
        end as value_tier,
        conversion_events.page_clean_url as page_url,
        fct_sessions.source_class,
        fct_sessions.source_name,
        fct_sessions.acquisition_channel,
        fct_sessions.campaign,
        conversion_events.channel,
        conversion_events.device_class,
        conversion_events.country_code,

        ---------- numbers
        cast(coalesce(seen_before.pageviews, 0) as bigint) as pageviews_before,
        coalesce(seen_before.posts, 0) as posts_before,
        fct_sessions.session_in_visitor,

        ---------- booleans
        seen_before.conversion_key is not null as is_attributable,

        ---------- times
        seen_before.first_viewed_at as first_viewed_before_at,
        attribution.event_at as converted_at,
        {{ local_hour('attribution.event_at', site_time_zone('sites')) }} as converted_local_hour,
        {{ local_date('attribution.event_at', site_time_zone('sites')) }} as converted_date
    from attribution
    inner join conversion_events on attribution.event_key = conversion_events.event_key
    inner join fct_sessions on attribution.session_key = fct_sessions.session_key
    left join seen_before on attribution.event_key = seen_before.conversion_key
    left join page_posts on conversion_events.page_key = page_posts.page_key
    left join sites on attribution.site_id = sites.site_id
)

select * from final
