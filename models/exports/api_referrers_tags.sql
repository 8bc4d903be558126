{{ post_metrics_by(
    [('type', referrer_type('activity.referrer_class')), ('tag', 'post_tags.tag')],
    bridge='post_tags',
    extra_columns=['referrer_class', 'referrer_name'],
    condition='activity.referrer_name is not null and post_tags.tag is not null',
) }}
