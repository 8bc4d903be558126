with dim_posts as (
    select * from {{ ref('dim_posts') }}
),

listed as (
    select
        dim_posts.post_key,
        dim_posts.site_id,
        {{ filled('items.element') }} as tag,
        items.position
    from dim_posts
    cross join {{ json_list_rows('dim_posts.tags', 'items') }}
),

final as (
    select
        post_key,
        site_id,
        tag,
        cast(min(position) as integer) as position
    from listed
    where tag is not null
    group by post_key, site_id, tag
)

select * from final
