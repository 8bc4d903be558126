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
    [('channel', 'activity.channel')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.channel is not null',
    kept=['channel'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        channel,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
