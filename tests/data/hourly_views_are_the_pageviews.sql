-- int_hourly_views has the pageviews of fct_pageviews, each in its hour and within the time of its
-- session, because exports find the session by time.
with pageviews as (
    select * from {{ ref('fct_pageviews') }}
),

hourly_views as (
    select * from {{ ref('int_hourly_views') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

counted as (
    select
        session_key,
        post_key,
        viewed_at,
        count(*) as rows_counted,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds
    from pageviews
    group by session_key, post_key, viewed_at
),

counted_by_hour as (
    select
        hourly_views.session_key,
        hourly_views.post_key,
        hourly_views.viewed_at,
        count(*) as rows_counted,
        sum(hourly_views.views) as views,
        sum(hourly_views.engaged_seconds) as engaged_seconds
    from hourly_views
    inner join sessions on hourly_views.session_key = sessions.session_key
    where
        hourly_views.viewed_at between sessions.started_at and sessions.ended_at
        and hourly_views.hour_at = {{ dbt.date_trunc('hour', 'hourly_views.viewed_at') }}
    group by hourly_views.session_key, hourly_views.post_key, hourly_views.viewed_at
)

select
    counted.session_key,
    counted.post_key,
    counted.viewed_at,
    counted_by_hour.session_key as hourly_session_key
from counted
full outer join counted_by_hour
    on
        counted.session_key = counted_by_hour.session_key
        and counted.post_key = counted_by_hour.post_key
        and counted.viewed_at = counted_by_hour.viewed_at
where
    counted.session_key is null
    or counted_by_hour.session_key is null
    or counted.rows_counted <> counted_by_hour.rows_counted
    or counted.views <> counted_by_hour.views
    or counted.engaged_seconds <> counted_by_hour.engaged_seconds
