with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

{{ metrics_by(
    [('author', 'post_authors.author')],
    joins='
        inner join dim_posts on activity.post_key = dim_posts.post_key
        inner join post_authors on activity.post_key = post_authors.post_key
    ',
    condition='post_authors.author is not null',
) }},

final as (
    select
        site_id,
        period,
        author,
        {{ sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
