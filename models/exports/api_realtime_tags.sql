{{ realtime_rows_of('api_analytics_tags') }}
