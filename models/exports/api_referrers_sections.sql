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
    [('type', referrer_type('activity.referrer_class')), ('section', 'dim_posts.section')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='activity.referrer_name is not null and dim_posts.section is not null',
    kept=['referrer_class', 'referrer_name'],
    recirculated='led_on_views',
) }},

final as (
    select
        site_id,
        period,
        type,
        section,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
