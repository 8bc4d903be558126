{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    meta=meta_of_own_columns('extra_columns'),
    pre_hook=["{{ claim_loads() }}", "{{ add_own_columns('extra_columns') }}"],
    post_hook="{{ confirm_loads() }}",
) }}
{%- set high_value_types = "'" ~ var('high_value_conversion_types') | join("', '") ~ "'" -%}
{%- set low_value_types = "'" ~ var('low_value_conversion_types') | join("', '") ~ "'" %}

with conversions as (
    select *
    from {{ ref('int_action_attribution') }}
    where
        action = 'conversion'
        and {{ is_affected('visitor_key') }}
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
        conversions.event_key as conversion_key,
        conversions.session_key,
        conversions.visitor_key,
        conversions.site_id,
        conversions.pageview_key,
        coalesce(page_posts.post_key, conversions.page_key) as post_key,

        ---------- text
        conversions.conversion_type,
        conversions.conversion_label,
        case
            when conversions.conversion_type in ({{ high_value_types }}) then 'high'
            when conversions.conversion_type in ({{ low_value_types }}) then 'low'
            when conversions.conversion_type is not null then 'medium'
        end as value_tier,
        conversions.page_clean_url as page_url,
        fct_sessions.source_class,
        fct_sessions.source_name,
        fct_sessions.acquisition_channel,
        fct_sessions.campaign,
        conversions.channel,
        conversions.device_class,
        conversions.country_code,

        ---------- numbers
        cast(coalesce(seen_before.pageviews, 0) as bigint) as pageviews_before,
        coalesce(seen_before.posts, 0) as posts_before,
        fct_sessions.session_in_visitor,

        ---------- booleans
        seen_before.conversion_key is not null as is_attributable,

        ---------- times
        seen_before.first_viewed_at as first_viewed_before_at,
        conversions.event_at as converted_at,
        {{ local_hour('conversions.event_at', site_time_zone('sites')) }} as converted_local_hour,
        {{ local_date('conversions.event_at', site_time_zone('sites')) }} as converted_date
        {{- own_columns_of('conversions', is_mart=true) }}
    from conversions
    inner join fct_sessions on conversions.session_key = fct_sessions.session_key
    left join seen_before on conversions.event_key = seen_before.conversion_key
    left join page_posts on conversions.page_key = page_posts.page_key
    left join sites on conversions.site_id = sites.site_id
)

select * from final
