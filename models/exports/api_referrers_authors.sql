{{ post_metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('author', 'post_authors.author')],
    bridge='post_authors',
    extra_columns=['referrer_class', 'referrer_name'],
    condition='activity.referrer_name is not null and post_authors.author is not null',
) }}
