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
    [('campaign', 'activity.campaign')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.campaign is not null',
    kept=['campaign'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        campaign,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
