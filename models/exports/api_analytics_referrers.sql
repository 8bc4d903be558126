-- Direct visits have no row here: their views are the total less these.
with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

{{ metrics_by(
    [('name', 'activity.referrer_name'), ('type', 'activity.referrer_class')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.referrer_name is not null',
    kept=['referrer_class', 'referrer_name'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        name,
        type,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
