{{ post_metrics_by([('channel', 'activity.channel')], kept=['channel']) }}
