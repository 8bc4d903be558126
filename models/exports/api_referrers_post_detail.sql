with views as (
    select * from {{ export('api_views') }}
),

readers as (
    select * from {{ export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

{{ metrics_by(
    [
        ('post_key', 'activity.post_key'),
        ('name', 'activity.referrer_name'),
        ('type', 'activity.referrer_class'),
    ],
    condition='activity.referrer_name is not null',
    extra_columns=['referrer_class', 'referrer_name'],
    recirculated='recirculating_views',
) }},

final as (
    select
        metrics.site_id,
        metrics.period,
        metrics.post_key,
        dim_posts.canonical_url as url,
        metrics.name,
        metrics.type,
        {%- for metric in sort_metric_names() %}
        metrics.{{ metric }}{{ "," if not loop.last }}
        {%- endfor %}
    from metrics
    inner join dim_posts on metrics.post_key = dim_posts.post_key
)

select * from final
