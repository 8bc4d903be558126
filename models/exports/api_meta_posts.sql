with posts as (
    select * from {{ ref('api_analytics_posts') }}
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

post_tags as (
    select * from {{ ref('bridge_post_tags') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

metas as (
    select
        post_key,
        'author' as meta,
        author as meta_value
    from post_authors
    where author is not null
    union all
    select
        post_key,
        'section' as meta,
        section as meta_value
    from dim_posts
    where section is not null
    union all
    select distinct
        post_key,
        'tag' as meta,
        tag as meta_value
    from post_tags
    where tag is not null
),

final as (
    select
        posts.site_id,
        posts.period,
        metas.meta,
        metas.meta_value,
        posts.post_key,
        posts.url,
        posts.title,
        posts.author,
        posts.authors,
        posts.section,
        posts.tags,
        posts.page_type,
        posts.image_url,
        posts.thumb_url_medium,
        posts.metadata,
        posts.full_content_word_count,
        posts.views,
        posts.mobile_views,
        posts.tablet_views,
        posts.desktop_views,
        posts.visitors,
        posts.visitors_new,
        posts.visitors_returning,
        posts.engaged_minutes,
        posts.avg_engaged,
        posts.avg_engaged_new,
        posts.avg_engaged_returning,
        posts.social_referrals,
        posts.fb_referrals,
        posts.tw_referrals,
        posts.li_referrals,
        posts.pi_referrals,
        posts.search_refs,
        posts.recirculation_rate,
        posts.published_at
    from posts
    inner join metas on posts.post_key = metas.post_key
)

select * from final
