{{ referrer_rows_where("type = 'ai'") }}
