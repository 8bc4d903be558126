{{ config(group='marts') }}

-- Every counted pageview event is one view in every table that counts views.
with counts as (
    select
        (
            select count(*) from {{ ref('stg_events') }} as events
            where events.action = 'pageview' and {{ is_counted() }}
        ) as staged,
        (
            select count(distinct pageview_key) from {{ ref('int_event_attribution') }}
            where action = 'pageview'
        ) as attributed,
        (select coalesce(sum(views), 0) from {{ ref('fct_pageviews') }}) as in_pageviews,
        (select coalesce(sum(pageviews), 0) from {{ ref('fct_sessions') }}) as in_sessions,
        (select coalesce(sum(views), 0) from {{ ref('fct_engaged_time') }}) as in_engaged_time,
        (select coalesce(sum(pageviews), 0) from {{ ref('dim_visitors') }}) as in_visitors
)

select *
from counts
where
    staged <> attributed
    or staged <> in_pageviews
    or staged <> in_sessions
    or staged <> in_engaged_time
    or staged <> in_visitors
