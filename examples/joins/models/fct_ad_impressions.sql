with ad_impressions as (
    select
        *,
        {{ readership.surrogate_key(['site_id', 'visitor_site_id']) }} as visitor_key,
        {{ page_of_url('page_url') }} as page,
        {{ dbt.dateadd('minute', -1 * var('ad_minutes_after_view'), 'served_at') }}
            as viewed_since_at
    from {{ ref('ad_impressions') }}
),

pageviews as (
    select
        *,
        {{ page_of_url('page_url') }} as page
    from {{ ref('readership', 'fct_pageviews') }}
    where not is_orphan
),

-- A page may have been viewed twice in that time, so the views are ranked and one is kept.
views_before as (
    select
        ad_impressions.impression_id,
        pageviews.pageview_key,
        pageviews.session_key,
        pageviews.post_key,
        pageviews.viewed_date,
        row_number() over (
            partition by ad_impressions.impression_id
            order by pageviews.viewed_at desc, pageviews.pageview_key
        ) as view_rank
    from ad_impressions
    inner join pageviews
        on
            ad_impressions.visitor_key = pageviews.visitor_key
            and ad_impressions.page = pageviews.page
            and ad_impressions.viewed_since_at <= pageviews.viewed_at
            and ad_impressions.served_at >= pageviews.viewed_at
),

newest_views as (
    select * from views_before where view_rank = 1
),

final as (
    select
        ---------- ids
        ad_impressions.impression_id,
        ad_impressions.site_id,
        ad_impressions.visitor_key,
        newest_views.session_key,
        newest_views.pageview_key,
        newest_views.post_key,

        ---------- numbers
        ad_impressions.revenue,

        ---------- booleans
        newest_views.pageview_key is not null as has_pageview,

        ---------- times
        ad_impressions.served_at,
        newest_views.viewed_date
    from ad_impressions
    left join newest_views on ad_impressions.impression_id = newest_views.impression_id
)

select * from final
