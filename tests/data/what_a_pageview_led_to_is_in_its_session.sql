-- A post has a recirculated view in a session if and only if a later view in the session was
-- referred from it, and never more recirculated views than views referred from it.
with pageviews as (
    select * from {{ ref('fct_pageviews') }} where not is_orphan
),

viewed as (
    select
        session_key,
        post_key,
        min(pageview_in_session) as first_pageview,
        sum(case when is_recirculated then 1 else 0 end) as recirculated
    from pageviews
    group by session_key, post_key
),

led_to as (
    select
        session_key,
        referrer_post_key as post_key,
        max(pageview_in_session) as last_pageview,
        count(*) as pageviews
    from pageviews
    where referrer_post_key is not null
    group by session_key, referrer_post_key
)

select
    viewed.session_key,
    viewed.post_key,
    viewed.recirculated,
    led_to.pageviews
from viewed
left join led_to
    on
        viewed.session_key = led_to.session_key
        and viewed.post_key = led_to.post_key
where
    viewed.recirculated > coalesce(led_to.pageviews, 0)
    or (viewed.recirculated > 0)
    <> coalesce(led_to.last_pageview > viewed.first_pageview, false)
