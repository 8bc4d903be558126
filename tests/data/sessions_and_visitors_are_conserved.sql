-- Every counted event is in one session, and every counted visitor has one row.
with counts as (
    select
        (
            select count(*) from {{ ref('stg_events') }} where {{ is_counted() }}
        ) as staged_events,
        (select coalesce(sum(events), 0) from {{ ref('fct_sessions') }}) as session_events,
        (select count(*) from {{ ref('fct_sessions') }}) as sessions,
        (select coalesce(sum(sessions), 0) from {{ ref('dim_visitors') }}) as visitor_sessions,
        (
            select count(distinct visitor_key)
            from {{ ref('stg_events') }} where {{ is_counted() }}
        ) as staged_visitors,
        (select count(*) from {{ ref('dim_visitors') }}) as visitors
)

select *
from counts
where
    staged_events <> session_events
    or sessions <> visitor_sessions
    or staged_visitors <> visitors
