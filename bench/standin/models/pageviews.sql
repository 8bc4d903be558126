{{ config(materialized='incremental', unique_key='pageview_key') }}

with placed as (
    select
        *,
        row_number() over (partition by session_key order by event_at) as pageview_in_session,
        count(*) over (partition by session_key) as pageviews_in_session,
        lead(page_url) over (partition by session_key order by event_at) as next_url,
        lead(post_key) over (partition by session_key order by event_at) as next_post_key
    from {{ ref('incoming_pageviews') }}
)

select
    *,
    pageview_in_session = 1 as is_entry,
    pageview_in_session = pageviews_in_session as is_exit,
    case
        when engaged_seconds > 40 then 'deep read'
        when engaged_seconds > 15 then 'read'
        else 'skim'
    end as read_category,
    date_trunc('hour', event_at) as hour_at,
    cast(event_at as date) as event_date
from placed
