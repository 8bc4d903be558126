-- What happened on each post in each period: the rows that every export sums up. A view that came
-- from another post stands twice, once for its own post and once as that post's recirculation.
with fct_pageviews as (
    select * from {{ ref('fct_pageviews') }}
),

dim_periods as (
    select * from {{ windows() }}
),

own as (
    select
        site_id,
        post_key,
        visitor_key,
        device_class,
        referrer_class,
        referrer_name,
        views,
        engaged_seconds,
        0 as recirculated_views,
        is_returning,
        viewed_at
    from fct_pageviews
    where true {{ asked_of_views() }}
),

credited as (
    select
        site_id,
        referrer_post_key as post_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        device_class,
        referrer_class,
        referrer_name,
        0 as views,
        0 as engaged_seconds,
        views as recirculated_views,
        false as is_returning,
        viewed_at
    from fct_pageviews
    where referrer_post_key is not null {{ asked_of_views() }}
),

activity as (
    select * from own
    union all
    select * from credited
),

final as (
    select
        activity.*,
        dim_periods.period
    from activity
    inner join dim_periods
        on
            activity.site_id = dim_periods.site_id
            and activity.viewed_at > dim_periods.starts_after_at
            and activity.viewed_at <= dim_periods.ends_at
    where true {{ asked_of_posts() }}
)

select * from final
