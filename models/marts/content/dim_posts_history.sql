{{ config(
    meta=meta_of_own_columns('metadata_columns'),
    pre_hook="{{ add_own_columns('metadata_columns') }}",
) }}

with page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

tag_lists as (
    select * from {{ ref('int_tag_lists') }}
),

---------- metadata of the pages of a post over time

assigned_runs as (
    select
        page_metadata.*,
        coalesce(page_posts.post_key, page_metadata.page_key) as post_key,
        case
            when page_metadata.canonical_url is not null
                then
                    {{ surrogate_key([
                        'page_metadata.site_id', page_address('page_metadata.canonical_url')
                    ]) }}
        end as recorded_page_key,
        {{ post_key_of_id('page_metadata.site_id', 'page_metadata.post_id') }} as recorded_post_key
    from page_metadata
    left join page_posts on page_metadata.page_key = page_posts.page_key
),

named_posts as (
    select distinct post_key from page_posts
),

matched_runs as (
    select
        assigned_runs.*,
        coalesce(assigned_runs.recorded_post_key = assigned_runs.post_key, false)
        or coalesce(coalesce(recorded_pages.post_key, assigned_runs.recorded_page_key) = assigned_runs.post_key, false)
        or (assigned_runs.recorded_page_key is null and named_posts.post_key is null)
            as is_of_this_post
    from assigned_runs
    left join page_posts as recorded_pages
        on assigned_runs.recorded_page_key = recorded_pages.page_key
    left join named_posts on assigned_runs.recorded_post_key = named_posts.post_key
),

-- A record that carries the metadata of another post than that of its page does not describe this
-- post.
page_runs as (
    select
        page_key,
        post_key,
        site_id,
        page_url,
        metadata_hash,
        has_metadata and is_of_this_post as has_metadata,
        is_in_test,
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
        end as detail_rank,
        row_number() over (
            partition by post_key order by first_event_at, page_key, metadata_hash
        ) as run_rank
    from matched_runs
),

posts as (
    select
        post_key,
        min(detail_rank) as detail_rank,
        min(first_viewed_at) as first_viewed_at
    from page_runs
    group by post_key
),

-- Events with less metadata than others of the same post, such as AMP pages with only a canonical
-- URL, change nothing.
observations as (
    select
        page_runs.post_key,
        page_runs.page_key,
        page_runs.metadata_hash,
        page_runs.title,
        page_runs.is_in_test,
        coalesce(page_runs.saved_at, {{ as_timestamp("'0001-01-01'") }}) as saved_at,
        page_runs.first_event_at,
        page_runs.last_event_at
    from page_runs
    inner join posts
        on
            page_runs.post_key = posts.post_key
            and page_runs.detail_rank = posts.detail_rank
    where page_runs.detail_rank < 4 or page_runs.run_rank = 1
),

-- A variant tested on a day counts at its first and at its last occurrence.
occurrences as (
    select
        *,
        first_event_at as recorded_at,
        case when is_in_test then first_event_at else last_event_at end as recorded_until_at,
        false as is_resumed
    from observations
    union all
    select
        *,
        last_event_at as recorded_at,
        last_event_at as recorded_until_at,
        true as is_resumed
    from observations
    where is_in_test and last_event_at > first_event_at
),

with_changes as (
    select
        *,
        case
            when
                not is_resumed
                and metadata_hash = lag(metadata_hash) over (
                    partition by post_key order by recorded_at, saved_at, metadata_hash, page_key
                )
                then 0
            else 1
        end as is_change
    from occurrences
),

numbered as (
    select
        *,
        sum(is_change) over (
            partition by post_key
            order by recorded_at, saved_at, metadata_hash, page_key
            rows between unbounded preceding and current row
        ) as run_number
    from with_changes
),

with_run_ends as (
    select
        *,
        max(recorded_until_at) over (partition by post_key, run_number) as run_until_at
    from numbered
),

runs as (
    select
        post_key,
        page_key,
        metadata_hash,
        title,
        run_number,
        is_resumed,
        first_event_at as page_run_at,
        recorded_at as first_event_at,
        run_until_at as last_event_at
    from with_run_ends
    where is_change = 1
),

---------- versions

{{ headline_tests('post_key') }},

tests as (
    select
        post_key,
        run_number_of_metadata,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from metadata_runs
    where is_in_test
    group by post_key, run_number_of_metadata
),

-- A headline test belongs to the variant that remains at the end. The variant before the test is
-- part of it if it was current no longer than the test lasted.
periods as (
    select
        metadata_runs.*,
        case
            when metadata_runs.is_in_test then metadata_runs.run_number_of_metadata + 1
            when
                tests.first_event_at is not null
                and not lag(metadata_runs.is_in_test, 1, false) over (
                    partition by metadata_runs.post_key order by metadata_runs.run_number
                )
                and {{ seconds_between(
                    'metadata_runs.first_event_at',
                    least_of(['metadata_runs.last_event_at', 'tests.first_event_at']),
                ) }} <= {{ seconds_between('tests.first_event_at', 'tests.last_event_at') }}
                then metadata_runs.run_number_of_metadata + 1
            else metadata_runs.run_number_of_metadata
        end as period_number
    from metadata_runs
    left join tests
        on
            metadata_runs.post_key = tests.post_key
            and metadata_runs.run_number_of_metadata = tests.run_number_of_metadata
),

period_starts as (
    select
        post_key,
        period_number,
        min(first_event_at) as valid_from
    from periods
    group by post_key, period_number
),

-- A period displaced by another that starts at the same time was never current.
period_bounds as (
    select
        *,
        coalesce(
            lead(valid_from) over (partition by post_key order by period_number) = valid_from, false
        ) as is_displaced
    from period_starts
),

current_periods as (
    select
        periods.post_key,
        periods.page_key,
        periods.metadata_hash,
        periods.page_run_at,
        period_bounds.period_number,
        period_bounds.valid_from,
        lag(periods.metadata_hash) over (
            partition by periods.post_key order by period_bounds.period_number
        ) as previous_hash
    from period_bounds
    inner join periods
        on
            period_bounds.post_key = periods.post_key
            and period_bounds.period_number = periods.period_number
            and periods.run_number_of_metadata = periods.period_number
    where not period_bounds.is_displaced
),

runs_in_versions as (
    select
        *,
        previous_hash is null or previous_hash <> metadata_hash as is_start,
        sum(
            case when previous_hash is null or previous_hash <> metadata_hash then 1 else 0 end
        ) over (partition by post_key order by period_number) as version_number
    from current_periods
),

titles as (
    select
        periods.post_key,
        runs_in_versions.version_number,
        periods.title,
        min(periods.first_event_at) as first_event_at
    from runs_in_versions
    inner join periods
        on
            runs_in_versions.post_key = periods.post_key
            and runs_in_versions.period_number = periods.period_number
    where periods.title is not null
    group by periods.post_key, runs_in_versions.version_number, periods.title
),

variants as (
    select
        post_key,
        version_number,
        {{ json_list_of(json_string('title'), 'first_event_at, title') }} as title_variants
    from titles
    group by post_key, version_number
    having count(*) > 1
),

versions as (
    select
        page_runs.*,
        runs_in_versions.version_number,
        runs_in_versions.valid_from,
        variants.title_variants,
        coalesce(page_runs.canonical_url, page_runs.page_url) as post_url,
        lead(runs_in_versions.valid_from) over (
            partition by page_runs.post_key order by runs_in_versions.version_number
        ) as valid_to,
        -- Rule five_days: a change soon enough after publication also applies to past traffic.
        runs_in_versions.valid_from <= {{ plus_seconds(
            'coalesce('
            ~ 'page_runs.published_at, posts.first_viewed_at, runs_in_versions.valid_from)',
            (86400 * var('metadata_settling_days')) | int,
        ) }} as is_settling
    from runs_in_versions
    inner join page_runs
        on
            runs_in_versions.page_key = page_runs.page_key
            and runs_in_versions.metadata_hash = page_runs.metadata_hash
            and runs_in_versions.page_run_at = page_runs.first_event_at
    inner join posts on runs_in_versions.post_key = posts.post_key
    left join variants
        on
            runs_in_versions.post_key = variants.post_key
            and runs_in_versions.version_number = variants.version_number
    where runs_in_versions.is_start
),

---------- the traffic to which each version applies

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

-- `/politics/budget` is in politics; `/budget`, `/2024/05/budget` and `/amp/budget` have no
-- section.
sectioned as (
    select
        *,
        case
            when lower(section) not in ('uncategorized', 'uncategorised') then section
        end as recorded_section,
        {{ first_match(
            without_match(url_part('post_url', 'path'), '^/amp/'),
            '^/?([^/%]*[A-Za-z][^/%]*)/+[^/]',
        ) }} as url_section
        {{- own_texts_of_metadata('custom_metadata') }}
    from applied
),

-- The section is spelled as in the site's metadata, where it occurs there.
spellings as (
    select
        site_id,
        lower(recorded_section) as folded_section,
        min(recorded_section) as section
    from sectioned
    where recorded_section is not null
    group by site_id, lower(recorded_section)
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['sectioned.post_key', 'sectioned.valid_from']) }} as version_key,
        sectioned.post_key,
        sectioned.site_id,
        coalesce(sectioned.post_id, sectioned.post_url) as post_id,

        ---------- text
        sectioned.post_url as canonical_url,
        sectioned.title,
        sectioned.title_variants,
        coalesce(sectioned.recorded_section, spellings.section, sectioned.url_section) as section,
        case
            when sectioned.recorded_section is not null then 'metadata'
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
        cast(sectioned.version_number as bigint) as version_number,
        sectioned.word_count,

        ---------- booleans
        sectioned.has_metadata,
        -- A page of unknown type counts as a post, because old trackers never sent a type.
        coalesce(sectioned.page_type, 'post') = 'post' as is_post,
        sectioned.is_settling,
        sectioned.valid_to is null as is_current,

        ---------- times
        sectioned.published_at,
        sectioned.saved_at,
        sectioned.valid_from,
        sectioned.valid_to,
        case
            when sectioned.version_number = sectioned.first_applied_version
                then {{ as_timestamp("'" ~ var("earliest_event_date") ~ "'") }}
            when sectioned.version_number > sectioned.first_applied_version
                then sectioned.valid_from
        end as applies_from,
        case
            when sectioned.version_number >= sectioned.first_applied_version
                then
                    coalesce(
                        sectioned.valid_to,
                        {{ plus_seconds(
                            as_timestamp("'" ~ var("latest_event_date") ~ "'"), 86400
                        ) }}
                    )
        end as applies_to
        {{- own_values_of_metadata() }}
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
