{{ referrer_rows_where("type = 'social'") }}
