{{ referrer_rows_where("type not in ('social', 'search', 'internal', 'ai')") }}
