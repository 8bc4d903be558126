{{ post_metrics_by([('referrer_class', 'activity.referrer_class')], extra_columns=['referrer_class']) }}
