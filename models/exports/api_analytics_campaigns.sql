{{ post_metrics_by([('campaign', 'activity.campaign')], kept=['campaign']) }}
