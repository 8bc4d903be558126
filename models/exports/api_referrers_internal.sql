{{ referrer_rows_where("type = 'internal'") }}
