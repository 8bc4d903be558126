{{ config(materialized='table', access='protected') }}

-- Related posts as of the newest event. The formula is in the description.
with dim_sites as (
    select * from {{ ref('dim_sites') }}
),

hourly_views as (
    select * from {{ ref('int_hourly_views') }} where views > 0
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

post_tags as (
    select distinct post_key, tag from {{ ref('bridge_post_tags') }}
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

---------- reading score

reads as (
    select distinct
        hourly_views.site_id,
        hourly_views.post_key,
        hourly_views.visitor_key,
        hourly_views.session_key,
        cast(floor(
            {{ seconds_between('hourly_views.viewed_at', 'dim_sites.as_of_at') }} / 604800.0
        ) as integer) as weeks_back,
        cast(floor(
            {{ seconds_between('hourly_views.viewed_at', 'dim_sites.as_of_at') }} / 86400.0
        ) as integer) as days_back
    from hourly_views
    inner join dim_sites
        on
            hourly_views.site_id = dim_sites.site_id
            and hourly_views.viewed_at > {{ plus_seconds('dim_sites.as_of_at', '-604800 * ' ~ var('related_weeks')) }}
            and hourly_views.viewed_at <= dim_sites.as_of_at
    inner join dim_posts on hourly_views.post_key = dim_posts.post_key
),

-- A basket is what was read together, one row per post: in a session, or by a visitor in a week.
weighted_baskets as (
    select
        site_id,
        post_key,
        session_key as basket,
        1.0 as weight,
        min(days_back) as days_back
    from reads
    group by site_id, post_key, session_key
    union all
    select
        site_id,
        post_key,
        {{ surrogate_key(['visitor_key', 'weeks_back']) }} as basket,
        0.5 as weight,
        min(days_back) as days_back
    from reads
    group by site_id, post_key, visitor_key, weeks_back
),

sized_baskets as (
    select
        basket,
        count(*) as posts
    from weighted_baskets
    group by basket
),

-- A visitor who reads everything says nothing about any pair of posts.
informative_baskets as (
    select weighted_baskets.*
    from weighted_baskets
    inner join sized_baskets on weighted_baskets.basket = sized_baskets.basket
    where sized_baskets.posts between 2 and {{ var('related_basket_posts') }}
),

co_reading as (
    select
        one.site_id,
        one.post_key,
        other.post_key as related_post_key,
        -- Powers of one half are exact in floating point, so sums do not depend on the order.
        sum(one.weight * {{ half_life_decay(greatest_of(['one.days_back', 'other.days_back'])) }})
            as shared_reading
    from informative_baskets as one
    inner join informative_baskets as other
        on
            one.basket = other.basket
            and one.post_key <> other.post_key
    group by one.site_id, one.post_key, other.post_key
),

popularity as (
    select
        post_key,
        sum(weight * {{ half_life_decay('days_back') }}) as reading
    from weighted_baskets
    group by post_key
),

-- Each session of the last day and all posts it read.
last_day_reads as (
    select distinct
        site_id,
        post_key,
        session_key
    from reads
    where days_back = 0
),

last_day_sessions as (
    select
        site_id,
        count(distinct session_key) as sessions
    from last_day_reads
    group by site_id
),

last_day_posts as (
    select
        site_id,
        post_key,
        count(*) as sessions
    from last_day_reads
    group by site_id, post_key
),

popular_posts as (
    select
        last_day_posts.site_id,
        last_day_posts.post_key,
        {{ quotient('last_day_posts.sessions', 'last_day_sessions.sessions') }} as share,
        row_number() over (
            partition by last_day_posts.site_id
            order by last_day_posts.sessions desc, last_day_posts.post_key
        ) as popularity_rank
    from last_day_posts
    inner join last_day_sessions on last_day_posts.site_id = last_day_sessions.site_id
),

---------- content

recent_posts as (
    select
        dim_posts.post_key,
        dim_posts.site_id,
        dim_posts.section,
        {{ quotient(seconds_between(live_since('dim_posts'), 'dim_sites.as_of_at'), '86400') }} as age_days
    from dim_posts
    inner join dim_sites on dim_posts.site_id = dim_sites.site_id
    where {{ live_since('dim_posts') }} <= dim_sites.as_of_at
),

ranked_posts as (
    select
        *,
        row_number() over (partition by site_id order by age_days, post_key) as recency_rank
    from recent_posts
),

newest_posts as (
    select * from ranked_posts where recency_rank <= {{ var('related_newest_posts') }}
),

tag_counts as (
    select
        post_key,
        count(*) as tags
    from post_tags
    group by post_key
),

shared_tags as (
    select
        one.post_key,
        other.post_key as related_post_key,
        count(*) as tags
    from newest_posts
    inner join post_tags as other on newest_posts.post_key = other.post_key
    inner join post_tags as one on other.tag = one.tag and other.post_key <> one.post_key
    inner join recent_posts as ones
        on one.post_key = ones.post_key and newest_posts.site_id = ones.site_id
    group by one.post_key, other.post_key
),

shared_authors as (
    select distinct
        one.post_key,
        other.post_key as related_post_key
    from newest_posts
    inner join post_authors as other on newest_posts.post_key = other.post_key
    inner join post_authors as one
        on
            other.author = one.author
            and other.site_id = one.site_id
            and other.post_key <> one.post_key
),

shared_sections as (
    select
        ones.post_key,
        newest_posts.post_key as related_post_key
    from newest_posts
    inner join recent_posts as ones
        on
            newest_posts.site_id = ones.site_id
            and newest_posts.section = ones.section
            and newest_posts.post_key <> ones.post_key
),

similar_posts as (
    select
        post_key,
        related_post_key
    from shared_tags
    {{ union_distinct() }}
    select
        post_key,
        related_post_key
    from shared_authors
    {{ union_distinct() }}
    select
        post_key,
        related_post_key
    from shared_sections
),

---------- both

pairs as (
    select
        post_key,
        related_post_key
    from co_reading
    {{ union_distinct() }}
    select
        post_key,
        related_post_key
    from similar_posts
    {{ union_distinct() }}
    select
        recent_posts.post_key,
        popular_posts.post_key as related_post_key
    from recent_posts
    inner join popular_posts
        on
            recent_posts.site_id = popular_posts.site_id
            and recent_posts.post_key <> popular_posts.post_key
    where popular_posts.popularity_rank <= {{ var('related_posts') }}
),

similarity as (
    select
        pairs.post_key,
        pairs.related_post_key,
        related.site_id,
        {{ quotient(
            '(coalesce(co_reading.shared_reading, 0) + coalesce(popular_posts.share, 0) * '
            ~ var('related_shrinkage') ~ ')',
            'coalesce(popularity.reading, 0) + ' ~ var('related_shrinkage'),
        ) }} as reading_score,
        0.5 * coalesce({{ quotient(
            'shared_tags.tags',
            '(tag_counts.tags + related_tag_counts.tags - shared_tags.tags)'
        ) }}, 0)
        + case when shared_sections.post_key is not null then 0.3 else 0 end
        + case when shared_authors.post_key is not null then 0.2 else 0 end as content_score,
        related.age_days
    from pairs
    inner join recent_posts as related on pairs.related_post_key = related.post_key
    left join co_reading
        on
            pairs.post_key = co_reading.post_key
            and pairs.related_post_key = co_reading.related_post_key
    left join popularity on pairs.post_key = popularity.post_key
    left join popular_posts on pairs.related_post_key = popular_posts.post_key
    left join shared_tags
        on
            pairs.post_key = shared_tags.post_key
            and pairs.related_post_key = shared_tags.related_post_key
    left join tag_counts on pairs.post_key = tag_counts.post_key
    left join tag_counts as related_tag_counts
        on pairs.related_post_key = related_tag_counts.post_key
    left join shared_sections
        on
            pairs.post_key = shared_sections.post_key
            and pairs.related_post_key = shared_sections.related_post_key
    left join shared_authors
        on
            pairs.post_key = shared_authors.post_key
            and pairs.related_post_key = shared_authors.related_post_key
),

scored as (
    select
        post_key,
        related_post_key,
        site_id,
        {{ rounded('reading_score', 6) }} as reading_score,
        {{ rounded(
            'content_score * '
            ~ half_life_decay('age_days / ' ~ var('related_half_life_days')),
            6
        ) }} as content_score,
        {{ rounded(
            'reading_score + ' ~ var('related_content_share')
            ~ ' * content_score * '
            ~ half_life_decay('age_days / ' ~ var('related_half_life_days')),
            6,
        ) }} as score
    from similarity
),

ranked as (
    select
        *,
        row_number() over (
            partition by post_key order by score desc, related_post_key
        ) as position
    from scored
    where score > 0
),

final as (
    select
        ---------- ids
        post_key,
        related_post_key,
        site_id,

        ---------- numbers
        cast(position as integer) as position,
        score,
        reading_score,
        content_score
    from ranked
    where position <= {{ var('related_posts') }}
)

select * from final
