{{ config(materialized='table', access='protected') }}

with post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

final as (
    select
        post_key,
        site_id,
        {{ joined_texts('author', ' and ', 'position, author') }} as byline
    from post_authors
    group by post_key, site_id
)

select * from final
