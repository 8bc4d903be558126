with dim_posts as (
    select * from {{ ref('dim_posts') }}
),

final as (
    select
        {{ surrogate_key(['dim_posts.post_key', 'items.element']) }} as post_tag_key,
        dim_posts.post_key,
        dim_posts.site_id,
        items.element as tag,
        cast(items.position as integer) as position
    from dim_posts
    cross join {{ json_list_rows('dim_posts.tags', 'items') }}
)

select * from final
