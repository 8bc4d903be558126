{{ post_metrics_by([('segment', 'activity.segment')], extra_columns=['segment']) }}
