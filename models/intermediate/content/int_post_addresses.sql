{{ config(materialized='table', access='protected') }}

-- Every page that was viewed or referenced, with its post: the addresses by which a call may name a
-- post.
with page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where has_events
),

pages as (
    select page_key from page_metadata
    {{ union_distinct() }}
    select page_key from page_posts
    {{ union_distinct() }}
    select post_key as page_key from dim_posts
),

final as (
    select
        pages.page_key,
        dim_posts.post_key,
        dim_posts.site_id
    from pages
    left join page_posts on pages.page_key = page_posts.page_key
    inner join dim_posts
        on coalesce(page_posts.post_key, pages.page_key) = dim_posts.post_key
)

select * from final
