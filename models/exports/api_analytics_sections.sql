{{ post_metrics_by([('section', 'dim_posts.section')]) }}
