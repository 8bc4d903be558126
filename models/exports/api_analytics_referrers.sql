-- Direct visits have no row here: their views are the total less these.
{{ post_metrics_by(
    [('name', 'activity.referrer_name'), ('type', 'activity.referrer_class')],
    kept=['referrer_class', 'referrer_name'],
    condition='activity.referrer_name is not null',
) }}
