{{ post_metrics_by([('site', 'activity.site_id')]) }}
