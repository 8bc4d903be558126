with page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

versions as (
    select
        page_metadata.*,
        coalesce(page_posts.post_key, page_metadata.page_key) as post_key
    from page_metadata
    left join page_posts on page_metadata.page_key = page_posts.page_key
),

seen as (
    select
        post_key,
        min(first_event_at) as first_event_at,
        min(first_viewed_at) as first_viewed_at,
        max(last_event_at) as last_event_at,
        count(distinct page_key) as pages
    from versions
    group by post_key
),

-- Events without metadata, or with a canonical URL alone as AMP pages send it, never blank what
-- others told.
ranked as (
    select
        *,
        row_number() over (
            partition by post_key
            order by
                case when title is not null then 0 when has_metadata then 1 else 2 end,
                last_event_at desc,
                coalesce(saved_at, cast('1970-01-01' as timestamp)) desc,
                {{ surrogate_key([
                    'post_id', 'canonical_url', 'title', 'section', 'authors', 'tags', 'page_type',
                    'image_url', 'thumb_url', 'custom_metadata', 'word_count', 'published_at',
                    'saved_at', 'page_key',
                ]) }}
        ) as version_rank
    from versions
),

final as (
    select
        ---------- ids
        ranked.post_key,
        ranked.site_id,
        coalesce(ranked.post_id, ranked.canonical_url, ranked.page_url) as post_id,

        ---------- text
        coalesce(ranked.canonical_url, ranked.page_url) as canonical_url,
        ranked.title,
        ranked.section,
        ranked.authors,
        ranked.tags,
        ranked.page_type,
        ranked.image_url,
        ranked.thumb_url,
        ranked.custom_metadata,

        ---------- numbers
        ranked.word_count,
        seen.pages,

        ---------- booleans
        ranked.has_metadata,
        -- A page of unknown type is taken for a post: old trackers never said.
        coalesce(ranked.page_type, 'post') = 'post' as is_post,

        ---------- times
        ranked.published_at,
        seen.first_viewed_at,
        seen.first_event_at,
        seen.last_event_at
    from ranked
    inner join seen on ranked.post_key = seen.post_key
    where ranked.version_rank = 1
)

select * from final
