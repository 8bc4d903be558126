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
    [('segment', 'activity.segment')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.segment is not null',
    kept=['segment'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        segment,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
