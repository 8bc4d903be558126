{{ post_metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('section', 'dim_posts.section')],
    extra_columns=['referrer_class', 'referrer_name'],
    condition='activity.referrer_name is not null and dim_posts.section is not null',
) }}
