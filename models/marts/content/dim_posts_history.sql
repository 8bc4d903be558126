with page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

tag_lists as (
    select * from {{ ref('int_tag_lists') }}
),

---------- which metadata a post had, and from when

placed as (
    select
        page_metadata.*,
        coalesce(page_posts.post_key, page_metadata.page_key) as post_key,
        case
            when page_metadata.canonical_url is not null
                then
                    {{ surrogate_key([
                        'page_metadata.site_id', page_address('page_metadata.canonical_url')
                    ]) }}
        end as told_page_key,
        {{ post_key_of_id('page_metadata.site_id', 'page_metadata.post_id') }} as told_post_key
    from page_metadata
    left join page_posts on page_metadata.page_key = page_posts.page_key
),

named_posts as (
    select distinct post_key from page_posts
),

judged as (
    select
        placed.*,
        coalesce(placed.told_post_key = placed.post_key, false)
        or coalesce(coalesce(told_pages.post_key, placed.told_page_key) = placed.post_key, false)
        or (placed.told_page_key is null and named_posts.post_key is null) as is_of_this_post
    from placed
    left join page_posts as told_pages on placed.told_page_key = told_pages.page_key
    left join named_posts on placed.told_post_key = named_posts.post_key
),

-- A record that carries the metadata of another post than its page is tells nothing of this one.
runs as (
    select
        page_key,
        post_key,
        site_id,
        page_url,
        metadata_hash,
        has_metadata and is_of_this_post as has_metadata,
        {%- for column in [
            'post_id', 'canonical_url', 'page_type', 'title', 'section', 'authors', 'tags',
            'image_url', 'thumb_url', 'custom_metadata', 'word_count', 'published_at', 'saved_at',
        ] %}
        case when is_of_this_post then {{ column }} end as {{ column }},
        {%- endfor %}
        first_event_at,
        last_event_at,
        first_viewed_at,
        case
            when not is_of_this_post then 4
            when title is not null then 1
            when has_metadata then 2
            else 3
        end as thinness
    from judged
),

posts as (
    select
        post_key,
        min(thinness) as thinness,
        min(first_viewed_at) as first_viewed_at
    from runs
    group by post_key
),

-- Events that tell less than others of their post, as AMP pages do with a canonical URL alone,
-- change nothing. What another telling of the same moment displaces never stood.
tellings as (
    select
        runs.*,
        posts.first_viewed_at as post_first_viewed_at,
        row_number() over (
            partition by runs.post_key, runs.first_event_at
            order by
                coalesce(runs.saved_at, cast('0001-01-01' as timestamp)) desc,
                runs.metadata_hash desc,
                runs.page_key desc
        ) as telling_rank
    from runs
    inner join posts
        on
            runs.post_key = posts.post_key
            and runs.thinness = posts.thinness
),

compared as (
    select
        *,
        lag(metadata_hash) over (partition by post_key order by first_event_at) as hash_before
    from tellings
    where telling_rank = 1
),

versions as (
    select
        *,
        coalesce(canonical_url, page_url) as post_url,
        row_number() over (partition by post_key order by first_event_at) as version_number,
        lead(first_event_at) over (partition by post_key order by first_event_at) as valid_to,
        -- The rule of five days: a change soon enough after publication is one of the past too.
        first_event_at <= {{ plus_seconds(
            'coalesce(published_at, post_first_viewed_at, first_event_at)',
            (86400 * var('metadata_settling_days')) | int,
        ) }} as is_settling
    from compared
    where hash_before is null or hash_before <> metadata_hash
),

---------- from when to when each applies to traffic

with_next as (
    select
        *,
        max(version_number) over (partition by post_key) as versions,
        max(case when is_settling or version_number = 1 then version_number end) over (
            partition by post_key
        ) as settled_version
    from versions
),

applied as (
    select
        *,
        {% if var('metadata_rule') == 'five_days' -%}
        settled_version as first_applied_version
        {%- else -%}
        versions as first_applied_version
        {%- endif %}
    from with_next
),

---------- sections

-- `/politics/budget` is in politics; `/budget`, `/2024/05/budget` and `/amp/budget` tell of no
-- section.
sectioned as (
    select
        *,
        case
            when lower(section) not in ('uncategorized', 'uncategorised') then section
        end as told_section,
        {{ first_match(
            without_match(url_part('post_url', 'path'), '^/amp/'),
            '^/?([^/%]*[A-Za-z][^/%]*)/+[^/]',
        ) }} as url_section
    from applied
),

-- A section that metadata elsewhere on the site tells of is spelled as there.
spellings as (
    select
        site_id,
        lower(told_section) as folded_section,
        min(told_section) as section
    from sectioned
    where told_section is not null
    group by site_id, lower(told_section)
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['sectioned.post_key', 'sectioned.first_event_at']) }} as version_key,
        sectioned.post_key,
        sectioned.site_id,
        coalesce(sectioned.post_id, sectioned.post_url) as post_id,

        ---------- text
        sectioned.post_url as canonical_url,
        sectioned.title,
        coalesce(sectioned.told_section, spellings.section, sectioned.url_section) as section,
        case
            when sectioned.told_section is not null then 'metadata'
            when sectioned.url_section is not null then 'url'
        end as section_origin,
        sectioned.section as raw_section,
        sectioned.authors,
        case
            when sectioned.tags is not null then coalesce(tag_lists.tags, '[]')
        end as tags,
        sectioned.tags as raw_tags,
        sectioned.page_type,
        sectioned.image_url,
        sectioned.thumb_url,
        sectioned.custom_metadata,
        {{ word_count_bucket('sectioned.word_count') }} as word_count_bucket,

        ---------- numbers
        sectioned.version_number,
        sectioned.word_count,

        ---------- booleans
        sectioned.has_metadata,
        -- A page of unknown type is taken for a post: old trackers never said.
        coalesce(sectioned.page_type, 'post') = 'post' as is_post,
        sectioned.is_settling,
        sectioned.valid_to is null as is_current,

        ---------- times
        sectioned.published_at,
        sectioned.saved_at,
        sectioned.first_event_at as valid_from,
        sectioned.valid_to,
        case
            when sectioned.version_number = sectioned.first_applied_version
                then cast('{{ var("earliest_event_date") }}' as timestamp)
            when sectioned.version_number > sectioned.first_applied_version
                then sectioned.first_event_at
        end as applies_from,
        case
            when sectioned.version_number >= sectioned.first_applied_version
                then
                    coalesce(
                        sectioned.valid_to,
                        {{ plus_seconds(
                            "cast('" ~ var("latest_event_date") ~ "' as timestamp)", 86400
                        ) }}
                    )
        end as applies_to
    from sectioned
    left join spellings
        on
            sectioned.site_id = spellings.site_id
            and lower(sectioned.url_section) = spellings.folded_section
    left join tag_lists
        on
            sectioned.site_id = tag_lists.site_id
            and sectioned.tags = tag_lists.raw_tags
)

select * from final
