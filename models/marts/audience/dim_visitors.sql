{{ config(materialized='view') }}

-- Rolling windows and days since move with the as-of time, so they are computed at query time. If
-- they were stored, every row would be rewritten whenever the newest event is a day later.
with visitors as (
    select * from {{ ref('int_visitors') }}
),

visitor_days as (
    select * from {{ ref('int_visitor_days') }}
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

rolling as (
    select
        visitor_days.visitor_key,
        cast(sum(visitor_days.sessions) as bigint) as sessions,
        cast(sum(visitor_days.pageviews) as bigint) as pageviews
    from visitor_days
    inner join dim_sites on visitor_days.site_id = dim_sites.site_id
    where
        visitor_days.active_date
        > {{ plus_days('dim_sites.as_of_date', '-1 * ' ~ var('loyal_rolling_days')) }}
        and visitor_days.active_date <= dim_sites.as_of_date
    group by visitor_days.visitor_key
),

measured as (
    select
        visitors.*,
        coalesce(rolling.sessions, 0) as rolling_sessions,
        coalesce(rolling.pageviews, 0) as rolling_pageviews,
        case
            when visitors.last_session_date <= dim_sites.as_of_date
                then {{ days_between('visitors.last_session_date', 'dim_sites.as_of_date') }}
        end as days_since_last_session
    from visitors
    inner join dim_sites on visitors.site_id = dim_sites.site_id
    left join rolling on visitors.visitor_key = rolling.visitor_key
),

final as (
    select
        ---------- ids
        visitor_key,
        site_id,
        visitor_site_id,
        first_post_key,
        last_post_key,

        ---------- text
        first_acquisition_channel,
        first_source_name,
        last_acquisition_channel,
        last_source_name,
        {{ session_tier('sessions') }} as session_tier,
        {{ session_tier('rolling_sessions') }} as rolling_session_tier,

        ---------- numbers
        sessions,
        pageviews,
        engaged_seconds,
        conversions,
        active_days,
        rolling_sessions,
        rolling_pageviews,
        days_since_last_session,

        ---------- booleans
        pageviews >= {{ var('loyal_lifetime_pageviews') }} as is_loyal,
        rolling_pageviews >= {{ var('loyal_rolling_pageviews') }} as is_rolling_loyal,

        ---------- times
        first_seen_at,
        last_seen_at,
        first_session_date,
        last_session_date
    from measured
)

select * from final
