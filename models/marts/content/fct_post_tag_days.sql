{{ config(materialized='view') }}

-- The tags of a post are those of its newest metadata, which may change for days that get no new
-- event, so they are joined when this is read.
with post_days as (
    select * from {{ ref('int_post_days') }}
),

post_tags as (
    select * from {{ ref('bridge_post_tags') }}
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

tag_counts as (
    select
        post_key,
        count(*) as tags
    from post_tags
    group by post_key
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['local_days.post_key', 'post_tags.tag', 'local_days.viewed_date']) }}
            as post_tag_day_key,
        local_days.post_key,
        local_days.site_id,

        ---------- text
        post_tags.tag,

        ---------- numbers
        coalesce(tag_counts.tags, 0) as tags,
        cast(local_days.views as bigint) as views,
        cast(local_days.engaged_seconds as bigint) as engaged_seconds,
        cast(local_days.views as {{ type_double() }})
        / coalesce(tag_counts.tags, 1) as views_share,
        cast(local_days.engaged_seconds as {{ type_double() }})
        / coalesce(tag_counts.tags, 1) as engaged_seconds_share,

        ---------- times
        local_days.viewed_date
    from local_days
    left join tag_counts on local_days.post_key = tag_counts.post_key
    left join post_tags on local_days.post_key = post_tags.post_key
)

select * from final
