{{ config(materialized='view') }}

-- The authors of a post are those of its newest metadata, which may change for days that get no new
-- event, so they are joined when this is read.
with post_days as (
    select * from {{ ref('int_post_days') }}
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

-- A day of the site's time zone has a row for each UTC date that it overlaps.
local_days as (
    select
        post_key,
        site_id,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds,
        viewed_date
    from post_days
    group by post_key, site_id, viewed_date
),

author_counts as (
    select
        post_key,
        count(*) as authors
    from post_authors
    group by post_key
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['local_days.post_key', 'post_authors.author', 'local_days.viewed_date']) }}
            as post_author_day_key,
        local_days.post_key,
        local_days.site_id,

        ---------- text
        post_authors.author,

        ---------- numbers
        coalesce(author_counts.authors, 0) as authors,
        cast(local_days.views as bigint) as views,
        cast(local_days.engaged_seconds as bigint) as engaged_seconds,
        cast(local_days.views as {{ type_double() }})
        / coalesce(author_counts.authors, 1) as views_share,
        cast(local_days.engaged_seconds as {{ type_double() }})
        / coalesce(author_counts.authors, 1) as engaged_seconds_share,

        ---------- times
        local_days.viewed_date
    from local_days
    left join author_counts on local_days.post_key = author_counts.post_key
    left join post_authors on local_days.post_key = post_authors.post_key
)

select * from final
