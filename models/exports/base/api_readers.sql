-- Visitors of each post in each period, one row per pageview, and whether their session was a
-- return. Looked up only among the sessions that overlap the period.
with hourly_views as (
    select * from {{ ref('int_hourly_views') }}
),

returns as (
    select * from {{ ref('int_session_spans') }} where is_returning
),

dim_periods as (
    select * from {{ windows() }}
),

returns_in_periods as (
    select
        returns.session_key,
        dim_periods.period
    from returns
    inner join dim_periods
        on
            returns.site_id = dim_periods.site_id
            and returns.ended_at > dim_periods.starts_after_at
            and returns.started_at <= dim_periods.ends_at
),

in_periods as (
    select
        hourly_views.*,
        dim_periods.period
    from hourly_views
    inner join dim_periods
        on
            hourly_views.site_id = dim_periods.site_id
            and hourly_views.viewed_at > dim_periods.starts_after_at
            and hourly_views.viewed_at <= dim_periods.ends_at
    where true {{ requested_of_views('hourly_views') }} {{ requested_of_posts('hourly_views') }}
),

final as (
    select
        in_periods.visitor_key,
        in_periods.site_id,
        in_periods.post_key,
        in_periods.referrer_class,
        in_periods.referrer_name,
        in_periods.channel,
        in_periods.campaign,
        in_periods.segment,
        in_periods.period,
        in_periods.engaged_seconds,
        returns_in_periods.session_key is not null as is_returning
    from in_periods
    left join returns_in_periods
        on
            in_periods.session_key = returns_in_periods.session_key
            and in_periods.period = returns_in_periods.period
)

select * from final
