with dim_posts as (
    select * from {{ ref('dim_posts') }}
),

listed as (
    select
        dim_posts.post_key,
        dim_posts.site_id,
        {{ null_if_blank('items.element') }} as author,
        items.position
    from dim_posts
    cross join {{ json_list_rows('dim_posts.authors', 'items') }}
),

final as (
    select
        {{ surrogate_key(['post_key', 'author']) }} as post_author_key,
        post_key,
        site_id,
        author,
        cast(min(position) as integer) as position
    from listed
    where author is not null
    group by post_key, site_id, author
)

select * from final
