select distinct
    posts.post_key,
    posts.site_id,
    listed.tag
from {{ ref('posts') }} as posts
cross join jsonb_array_elements_text(
    case when jsonb_typeof(posts.tags) = 'array' then posts.tags else '[]' end
) as listed (tag)
