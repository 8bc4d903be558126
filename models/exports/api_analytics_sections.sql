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
    [('section', 'dim_posts.section')],
    joins='inner join dim_posts on activity.post_key = dim_posts.post_key',
    condition='dim_posts.section is not null',
) }},

final as (
    select
        site_id,
        period,
        section,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
