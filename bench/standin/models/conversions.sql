{{ config(materialized='incremental', unique_key='event_key') }}

with conversions as (
    select *
    from {{ ref('base_events') }}
    where action = 'conversion'
),

before as (
    select
        conversions.event_key,
        count(*) as pageviews_before
    from conversions
    inner join {{ ref('pageviews') }} as views
        on
            conversions.visitor_key = views.visitor_key
            and conversions.event_at >= views.event_at
    group by conversions.event_key
)

select
    conversions.*,
    sessions.session_class as source_class,
    sessions.page_url as entry_url,
    coalesce(before.pageviews_before, 0) as pageviews_before
from conversions
left join {{ ref('sessions') }} as sessions on conversions.session_key = sessions.session_key
left join before on conversions.event_key = before.event_key
