-- Direct visits have no row here. Their views are the total minus the sum of these rows.
{{ post_metrics_by(
    [('name', 'activity.referrer_name'), ('type', 'activity.referrer_class')],
    extra_columns=['referrer_class', 'referrer_name'],
    condition='activity.referrer_name is not null',
) }}
