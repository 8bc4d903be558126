{{ config(group='marts') }}

-- Every session, pageview and engaged second of a visitor is in one day, every session in one
-- window, and every visitor of a window once in each dimension of the transitions except author.
with counts as (
    select
        (select count(*) from {{ ref('fct_sessions') }}) as sessions,
        (select coalesce(sum(views), 0) from {{ ref('fct_pageviews') }}) as pageviews,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('fct_pageviews') }})
            as engaged_seconds,
        (select coalesce(sum(sessions), 0) from {{ ref('int_visitor_days') }}) as day_sessions,
        (select coalesce(sum(pageviews), 0) from {{ ref('int_visitor_days') }})
            as day_pageviews,
        (select coalesce(sum(engaged_seconds), 0) from {{ ref('int_visitor_days') }})
            as day_seconds,
        (select coalesce(sum(sessions), 0) from {{ ref('fct_visitor_tiers') }})
            as window_sessions,
        (select count(*) from {{ ref('fct_visitor_tiers') }}) as window_visitors
),

transitions as (
    select
        dimension,
        sum(visitors) as visitors,
        sum(sessions) as sessions
    from {{ ref('fct_visitor_tier_transitions') }}
    where dimension <> 'author'
    group by dimension
)

select
    counts.*,
    transitions.dimension,
    transitions.visitors as transition_visitors,
    transitions.sessions as transition_sessions
from counts
left join transitions
    on
        counts.window_visitors <> transitions.visitors
        or counts.window_sessions <> transitions.sessions
where
    counts.sessions <> counts.day_sessions
    or counts.pageviews <> counts.day_pageviews
    or counts.engaged_seconds <> counts.day_seconds
    or counts.sessions <> counts.window_sessions
    or transitions.dimension is not null
