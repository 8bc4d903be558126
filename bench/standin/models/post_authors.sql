select distinct
    posts.post_key,
    posts.site_id,
    listed.author
from {{ ref('posts') }} as posts
cross join jsonb_array_elements_text(
    case when jsonb_typeof(posts.authors) = 'array' then posts.authors else '[]' end
) as listed (author)
