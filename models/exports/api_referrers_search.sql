{{ referrer_rows_where("type = 'search'") }}
