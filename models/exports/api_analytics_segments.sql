{{ post_metrics_by([('segment', 'activity.segment')], kept=['segment']) }}
