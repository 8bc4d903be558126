{{ post_metrics_by([('tag', 'post_tags.tag')], bridge='post_tags') }}
