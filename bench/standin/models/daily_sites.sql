with views as (
    select
        site_id,
        event_date,
        count(*) as views,
        count(distinct visitor_key) as visitors,
        sum(engaged_seconds) as engaged_seconds
    from {{ ref('pageviews') }}
    group by site_id, event_date
),

sessions as (
    select
        site_id,
        cast(started_at as date) as event_date,
        count(*) as sessions,
        count(*) filter (where is_bounce) as bounces,
        avg(duration_seconds) as duration_seconds
    from {{ ref('sessions') }}
    group by site_id, cast(started_at as date)
)

select
    views.*,
    sessions.sessions,
    sessions.bounces,
    sessions.duration_seconds
from views
left join sessions
    on views.site_id = sessions.site_id and views.event_date = sessions.event_date
