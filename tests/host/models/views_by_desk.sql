select
    desks.desk,
    sum(fct_pageviews.views) as views
from {{ ref('readership', 'fct_pageviews') }} as fct_pageviews
inner join {{ ref('readership', 'dim_posts') }} as dim_posts
    on fct_pageviews.post_key = dim_posts.post_key
inner join {{ ref('desks') }} as desks on dim_posts.section = desks.section
where desks.desk = '{{ var("newsroom_desk") }}'
group by desks.desk
