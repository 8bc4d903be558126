{{ config(materialized='incremental', unique_key='event_key') }}

with conversions as (
    select *
    from {{ ref('stg_conversions') }}
    {{ where_recent('received_at') }}
),

sessions as (
    select * from {{ ref('sessions') }}
),

views as (
    select
        visitor_key,
        event_at
    from {{ ref('pageviews') }}
),

before as (
    select
        conversions.event_key,
        count(*) as pageviews_before
    from conversions
    inner join views
        on
            conversions.visitor_key = views.visitor_key
            and conversions.event_at >= views.event_at
    group by conversions.event_key
)

select
    conversions.event_key,
    conversions.session_key,
    conversions.visitor_key,
    conversions.post_key,
    conversions.site_id,
    conversions.conversion_type,
    conversions.conversion_label,
    conversions.url,
    conversions.event_at,
    conversions.received_at,
    sessions.session_class,
    sessions.entry_url,
    sessions.surl_utm_campaign,
    coalesce(before.pageviews_before, 0) as pageviews_before
from conversions
left join sessions on conversions.session_key = sessions.session_key
left join before on conversions.event_key = before.event_key
