-- Views of each post in each period, for exports to aggregate. A view referred from another post
-- has two rows: one for its own post, and one for the recirculation of the referring post.
with hourly_views as (
    select * from {{ ref('int_hourly_views') }}
),

-- A second CTE for the same relation: a view cannot carry the hint that DuckDB should not
-- materialize it.
onward_views as (
    select * from {{ ref('int_hourly_views') }} where referrer_post_key is not null
),

dim_periods as (
    select * from {{ windows() }}
),

own_views as (
    select
        hourly_views.site_id,
        hourly_views.post_key,
        hourly_views.referrer_class,
        hourly_views.referrer_name,
        hourly_views.channel,
        hourly_views.campaign,
        hourly_views.device_class,
        hourly_views.segment,
        dim_periods.period,
        hourly_views.views,
        hourly_views.engaged_seconds,
        0 as recirculated_views,
        case when hourly_views.is_recirculated then hourly_views.views else 0 end as recirculating_views
    from hourly_views
    inner join dim_periods
        on
            hourly_views.site_id = dim_periods.site_id
            and hourly_views.viewed_at > dim_periods.starts_after_at
            and hourly_views.viewed_at <= dim_periods.ends_at
    where true {{ requested_of_views('hourly_views') }}
),

recirculation as (
    select
        onward_views.site_id,
        onward_views.referrer_post_key as post_key,
        onward_views.referrer_class,
        cast(null as {{ dbt.type_string() }}) as referrer_name,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as campaign,
        onward_views.device_class,
        cast(null as {{ dbt.type_string() }}) as segment,
        dim_periods.period,
        0 as views,
        0 as engaged_seconds,
        onward_views.views as recirculated_views,
        0 as recirculating_views
    from onward_views
    inner join dim_periods
        on
            onward_views.site_id = dim_periods.site_id
            and onward_views.viewed_at > dim_periods.starts_after_at
            and onward_views.viewed_at <= dim_periods.ends_at
    where true {{ requested_of_views('onward_views') }}
),

activity as (
    select * from own_views
    union all
    select * from recirculation
),

final as (
    select *
    from activity
    where true {{ requested_of_posts('activity') }}
)

select * from final
