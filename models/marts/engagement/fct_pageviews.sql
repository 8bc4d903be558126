{{ config(
    materialized='view',
    meta=meta_of_own_columns('extra_columns'),
    pre_hook="{{ add_own_columns('extra_columns') }}",
) }}

-- What depends on a visitor's earlier visits is looked up at query time. It changes with every
-- earlier visit that arrives late; if it were stored here, all pageviews of the visitor would be
-- rewritten each time.
with pageviews as (
    select * from {{ ref('int_pageviews') }}
),

sessions as (
    select session_key, is_returning from {{ ref('fct_sessions') }}
),

sites as (
    select * from {{ ref('sites') }}
),

final as (
    select
        ---------- ids
        pageviews.pageview_key,
        pageviews.session_key,
        pageviews.session_scope_key,
        pageviews.visitor_key,
        pageviews.site_id,
        pageviews.post_key,
        pageviews.referrer_post_key,
        pageviews.next_post_key,
        {{ campaign_key('pageviews') }} as campaign_key,
        pageviews.pageview_id,

        ---------- text
        pageviews.page_url,
        pageviews.next_page_url,
        pageviews.referrer_url,
        pageviews.referrer_class,
        pageviews.referrer_name,
        pageviews.source_class,
        pageviews.source_name,
        pageviews.channel,
        pageviews.campaign_id,
        pageviews.campaign,
        pageviews.campaign_medium,
        pageviews.campaign_source,
        pageviews.campaign_content,
        pageviews.campaign_term,
        pageviews.campaign_channel,
        pageviews.device_class,
        pageviews.browser,
        pageviews.os,
        pageviews.country_code,
        pageviews.region_code,
        pageviews.city_name,
        pageviews.segment,
        pageviews.extra_data,
        pageviews.read_category,
        pageviews.word_count_bucket,

        ---------- numbers
        pageviews.views,
        pageviews.engaged_seconds,
        pageviews.pageview_in_session,
        pageviews.word_count,
        pageviews.hours_since_published,

        ---------- booleans
        pageviews.is_orphan,
        pageviews.is_entry,
        pageviews.is_exit,
        pageviews.is_recirculated,
        sessions.is_returning,
        pageviews.is_amp,

        ---------- times
        pageviews.viewed_at,
        {{ local_hour('pageviews.viewed_at', site_time_zone('sites')) }} as viewed_local_hour,
        pageviews.viewed_date
        {{- own_columns_of('pageviews', is_mart=true) }}
    from pageviews
    left join sessions on pageviews.session_key = sessions.session_key
    left join sites on pageviews.site_id = sites.site_id
)

select * from final
