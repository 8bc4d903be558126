{{ config(group='marts') }}

-- Every counted event is in one session. Every session and every counted visitor has one row, and
-- those with pageviews are in the pageview tables.
with counts as (
    select
        (
            select count(*) from {{ ref('stg_events') }} where {{ is_counted() }}
        ) as staged_events,
        (select count(*) from {{ ref('int_event_attribution') }}) as attributed_events,
        (select coalesce(sum(events), 0) from {{ ref('fct_sessions') }}) as session_events,
        (
            select count(distinct session_key) from {{ ref('int_event_attribution') }}
        ) as attributed_sessions,
        (select count(*) from {{ ref('fct_sessions') }}) as sessions,
        (select coalesce(sum(sessions), 0) from {{ ref('dim_visitors') }}) as visitor_sessions,
        (
            select count(distinct session_key) from {{ ref('int_event_attribution') }}
            where pageview_key is not null
        ) as reading_sessions,
        (
            select count(distinct session_key) from {{ ref('fct_pageviews') }}
        ) as pageview_sessions,
        (
            select count(distinct visitor_key)
            from {{ ref('stg_events') }} where {{ is_counted() }}
        ) as staged_visitors,
        (select count(distinct visitor_key) from {{ ref('fct_sessions') }}) as session_visitors,
        (select count(*) from {{ ref('dim_visitors') }}) as visitors,
        (
            select count(distinct visitor_key) from {{ ref('int_event_attribution') }}
            where pageview_key is not null
        ) as reading_visitors,
        (
            select count(distinct visitor_key) from {{ ref('fct_pageviews') }}
        ) as pageview_visitors
)

select *
from counts
where
    staged_events <> attributed_events
    or staged_events <> session_events
    or attributed_sessions <> sessions
    or sessions <> visitor_sessions
    or reading_sessions <> pageview_sessions
    or staged_visitors <> session_visitors
    or staged_visitors <> visitors
    or reading_visitors <> pageview_visitors
