-- The versions of a post have no gaps and no overlaps, and every post has one current version.
with versions as (
    select
        post_key,
        version_number,
        is_current,
        valid_to,
        lead(valid_from) over (partition by post_key order by valid_from) as next_valid_from,
        row_number() over (partition by post_key order by valid_from) as expected_number
    from {{ ref('dim_posts_history') }}
),

currents as (
    select
        post_key,
        count(*) as currents
    from versions
    where is_current
    group by post_key
)

select
    post_key,
    'versions that do not follow each other' as problem
from versions
where
    version_number <> expected_number
    or (valid_to is null and next_valid_from is not null)
    or (valid_to is not null and next_valid_from is null)
    or valid_to <> next_valid_from
union all
select
    dim_posts.post_key,
    'not one current version, or any without events' as problem
from {{ ref('dim_posts') }} as dim_posts
left join currents on dim_posts.post_key = currents.post_key
where coalesce(currents.currents, 0) <> case when dim_posts.has_events then 1 else 0 end
