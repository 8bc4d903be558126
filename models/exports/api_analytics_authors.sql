{{ post_metrics_by([('author', 'post_authors.author')], bridge='post_authors') }}
