{{ post_metrics_by([('channel', 'activity.channel')], extra_columns=['channel']) }}
