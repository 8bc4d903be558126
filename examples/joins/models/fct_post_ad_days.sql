with ad_impressions as (
    select * from {{ ref('fct_ad_impressions') }} where has_pageview
),

pageviews as (
    select * from {{ ref('readership', 'fct_pageviews') }}
),

shown as (
    select
        site_id,
        post_key,
        viewed_date,
        count(*) as impressions,
        sum(revenue) as revenue
    from ad_impressions
    group by site_id, post_key, viewed_date
),

read_by_day as (
    select
        site_id,
        post_key,
        viewed_date,
        sum(engaged_seconds) / 60.0 as engaged_minutes
    from pageviews
    group by site_id, post_key, viewed_date
),

-- An impression has the post and the date of its pageview, so every day with ads has been read.
final as (
    select
        ---------- ids
        {{ readership.surrogate_key([
            'read_by_day.site_id', 'read_by_day.post_key', 'read_by_day.viewed_date'
        ]) }} as post_ad_day_key,
        read_by_day.site_id,
        read_by_day.post_key,

        ---------- numbers
        coalesce(shown.impressions, 0) as impressions,
        coalesce(shown.revenue, 0) as revenue,
        read_by_day.engaged_minutes,
        coalesce(shown.impressions, 0) / nullif(read_by_day.engaged_minutes, 0)
            as impressions_per_engaged_minute,
        coalesce(shown.revenue, 0) / nullif(read_by_day.engaged_minutes, 0)
            as revenue_per_engaged_minute,

        ---------- times
        read_by_day.viewed_date
    from read_by_day
    left join shown
        on
            read_by_day.site_id = shown.site_id
            and read_by_day.post_key = shown.post_key
            and read_by_day.viewed_date = shown.viewed_date
)

select * from final
