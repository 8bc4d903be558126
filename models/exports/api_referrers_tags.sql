with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_tags as (
    select * from {{ ref('bridge_post_tags') }}
),

{{ metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('tag', 'post_tags.tag')],
    joins='
        inner join dim_posts on activity.post_key = dim_posts.post_key
        inner join post_tags on activity.post_key = post_tags.post_key
    ',
    condition='activity.referrer_name is not null and post_tags.tag is not null',
    kept=['referrer_class', 'referrer_name'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        type,
        tag,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
