-- In each model, the credits of an attributable conversion sum to 1, and of any other to 0. The
-- last-post credits sum to 1 only when a post was among the pages. Equal shares are binary
-- fractions, so their sum may differ from 1 by rounding, far less than 1e-9 for any realistic
-- number of pages. The touchpoints match the counts on the conversion.
with conversions as (
    select * from {{ ref('fct_conversions') }}
),

credits as (
    select
        conversion_key,
        sum(first_touch) as first_touch,
        sum(linear) as linear,
        sum(last_touch) as last_touch,
        sum(last_post_touched) as last_post_touched,
        max(case when is_post then 1 else 0 end) as any_post,
        sum(views) as views,
        count(*) as touches,
        max(touches) as counted_touches
    from {{ ref('fct_conversion_touchpoints') }}
    group by conversion_key
),

credited as (
    select
        conversions.conversion_key,
        case when conversions.is_attributable then 1 else 0 end as due,
        conversions.pageviews_before,
        coalesce(credits.first_touch, 0) as first_touch,
        coalesce(credits.linear, 0) as linear,
        coalesce(credits.last_touch, 0) as last_touch,
        coalesce(credits.last_post_touched, 0) as last_post_touched,
        coalesce(credits.any_post, 0) as any_post,
        coalesce(credits.views, 0) as views,
        coalesce(credits.touches, 0) as touches,
        coalesce(credits.counted_touches, 0) as counted_touches
    from conversions
    left join credits on conversions.conversion_key = credits.conversion_key
)

select *
from credited
where
    first_touch <> due
    or abs(linear - due) > 1e-9
    or last_touch <> due
    or last_post_touched <> any_post
    or views <> pageviews_before
    or touches <> counted_touches
