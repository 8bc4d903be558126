{{ post_metrics_by([('campaign', 'activity.campaign')], extra_columns=['campaign']) }}
