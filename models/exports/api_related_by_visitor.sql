-- Recommendations for a visitor: posts related to those of the visitor's recent history, except the
-- posts in it.
with history as (
    select * from {{ export('api_history') }}
),

related as (
    select * from {{ export('api_related') }}
),

scored as (
    select
        history.site_id,
        history.uuid,
        related.related_post_key,
        related.related_url,
        related.related_title,
        sum(related.score) as score
    from history
    inner join related on history.post_key = related.post_key
    left join history as already_read
        on
            history.site_id = already_read.site_id
            and history.uuid = already_read.uuid
            and related.related_post_key = already_read.post_key
    where already_read.post_key is null
    group by
        history.site_id, history.uuid, related.related_post_key, related.related_url,
        related.related_title
),

final as (
    select
        site_id,
        uuid,
        related_post_key,
        related_url,
        related_title,
        cast(
            row_number() over (
                partition by site_id, uuid order by {{ rounded('score', 6) }} desc, related_url
            ) as integer
        ) as position,
        {{ rounded('score', 6) }} as score
    from scored
)

select * from final
