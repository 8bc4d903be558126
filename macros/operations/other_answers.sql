{#
    Answers to calls other than metrics of a period. They return the same columns: position,
    rows_total, row_json. For related posts, requested_urls are the pages to start from.
#}
{% macro other_answer_macros() -%}
    {{ return([
        readership.answers_top_videos(), readership.answers_conversions(),
        readership.answers_search(), readership.answers_related(),
        readership.answers_related_by_visitor(), readership.answers_history(),
        readership.answers_known_posts(),
    ]) }}
{%- endmacro %}


{# Whether a project that installs this one has left a model enabled. #}
{% macro is_enabled(name) -%}
    {{ return(
        graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', name) | list | length > 0
    ) }}
{%- endmacro %}


{# The answer of an endpoint whose export is disabled. #}
{% macro no_rows_of_answer() -%}
select
    1 as position,
    0 as rows_total,
    '{}' as row_json
where false
{%- endmacro %}


{% macro answer_page(row_json) -%}
select
    position,
    rows_total,
    {{ row_json }} as row_json
from ranked
where position > requested_skip and position <= requested_skip + requested_rows
order by position
{%- endmacro %}


{# The requested posts, with the columns of api_post_fields, and the parameters that select
   them. #}
{% macro requested_posts_parameters() -%}
    {{ return([
        'requested_sections := null', 'requested_authors := null', 'requested_tags := null',
        'requested_published_from := null', 'requested_published_to := null',
        'requested_not_sections := null', 'requested_not_authors := null',
        'requested_not_tags := null',
    ]) }}
{%- endmacro %}

{% macro requested_posts() -%}
posts as (
    select fields.*
    from {{ readership.export('api_post_fields') }} as fields
    where
        fields.site_id = cast(requested_site as varchar)
        and fields.is_post
        and {{ readership.is_requested_post('fields') }}
        and not (
            requested_not_sections is not null
            and {{ readership.is_in_section('fields', 'requested_not_sections') }}
        )
        and not (
            requested_not_authors is not null
            and {{ readership.is_by_author('fields', 'requested_not_authors') }}
        )
        and not (
            requested_not_tags is not null and {{ readership.has_tag('fields', 'requested_not_tags') }}
        )
)
{%- endmacro %}


{% macro answers_top_videos() -%}
    {%- call readership.table_answer('top_videos', [
        'requested_site', 'requested_starts_after_at', 'requested_ends_at',
        'requested_skip := 0', 'requested_rows := 10',
    ]) %}
{%- if not readership.is_enabled('api_top_videos') %}
{{ readership.no_rows_of_answer() }}
{%- else %}
with ranked as (
    select
        *,
        count(*) over () as rows_total
    from {{ readership.export('api_top_videos') }}
)

{{ readership.answer_page(readership.json_object([
    ('title', 'title'),
    ('url', 'url'),
    ('link', 'url'),
    ('authors', readership.as_json("coalesce(authors, '[]')")),
    ('section', 'section'),
    ('metrics', readership.as_json(
        readership.json_object(
            readership.metrics_pairs(['plays', 'viewers', 'watch_minutes'])
        ),
        is_normalized=true
    )),
    ('_hits', 'plays'),
])) }}
{%- endif %}
    {%- endcall -%}
{%- endmacro %}


{% macro answers_conversions() -%}
    {%- call readership.table_answer('conversions_url', [
        'requested_site', 'requested_starts_after_at', 'requested_ends_at',
        'requested_skip := 0', 'requested_rows := 10',
        "requested_attribution := 'last_touch'", 'requested_urls := null',
        'requested_conversion_type := null', 'requested_conversion_label := null',
        'requested_page_type := null',
    ]) %}
{%- if not readership.is_enabled('api_conversions_url') %}
{{ readership.no_rows_of_answer() }}
{%- else %}
with credited as (
    select
        post_key,
        url,
        title,
        case requested_attribution
            when 'first_touch' then first_touch
            when 'linear' then linear
            when 'last_touch' then last_touch
            when 'last_post_touched' then last_post_touched
        end as credit
    from {{ readership.export('api_conversions_url') }}
    where
        (requested_urls is null or url in (select unnest(cast(requested_urls as varchar []))))
        and (
            requested_conversion_type is null
            or conversion_type = cast(requested_conversion_type as varchar)
        )
        and (
            requested_conversion_label is null
            or conversion_label = cast(requested_conversion_label as varchar)
        )
        and (requested_page_type is null or page_type = cast(requested_page_type as varchar))
),

totals as (
    select
        post_key,
        url,
        title,
        {{ readership.rounded('sum(credit)', 3) }} as conversions
    from credited
    group by post_key, url, title
),

ranked as (
    select
        *,
        row_number() over (order by conversions desc, url, post_key) as position,
        count(*) over () as rows_total
    from totals
    where conversions > 0
)

{{ readership.answer_page(readership.json_object([
    ('title', 'title'),
    ('url', 'url'),
    ('link', 'url'),
    ('conversions', 'conversions'),
])) }}
{%- endif %}
    {%- endcall -%}
{%- endmacro %}


{% macro answers_search() -%}
    {%- call readership.table_answer('search', [
        'requested_site', 'requested_words', "requested_sort := 'score'",
        'requested_skip := 0', 'requested_rows := 10',
    ] + readership.requested_posts_parameters()) %}
with requested as (
    select distinct requested_parts.word
    from (select cast(requested_words as varchar) as text) as request
    cross join {{ readership.words_of('request.text', 'requested_parts', is_query=true) }}
),

found as (
    select
        post_words.post_key,
        {{ readership.rounded('sum(post_words.score)', 6) }} as score
    from {{ ref('int_post_words') }} as post_words
    inner join requested on post_words.word = requested.word
    where post_words.site_id = cast(requested_site as varchar)
    group by post_words.post_key
),

{{ readership.requested_posts() }},

ranked as (
    select
        posts.*,
        found.score,
        row_number() over (
            order by
                case when requested_sort = 'pub_date' then posts.published_at end desc nulls last,
                found.score desc, posts.url, posts.post_key
        ) as position,
        count(*) over () as rows_total
    from found
    inner join posts on found.post_key = posts.post_key
)

{{ readership.answer_page(
    readership.json_object(readership.post_fields() + [('score', 'score')])
) }}
    {%- endcall -%}
{%- endmacro %}


{% macro answers_related() -%}
    {%- call readership.table_answer('related', [
        'requested_site', 'requested_urls', 'requested_skip := 0', 'requested_rows := 10',
        'requested_or_recent := true',
    ] + readership.requested_posts_parameters()) %}
with known as (
    select unnest(cast(requested_urls as varchar [])) as url
),

found as (
    select
        related_post_key as post_key,
        {{ readership.rounded('sum(score)', 6) }} as score
    from {{ readership.export('api_related') }}
    where site_id = cast(requested_site as varchar) and url in (select url from known)
    group by related_post_key
),

{{ readership.related_or_recent() }}
    {%- endcall -%}
{%- endmacro %}


{% macro answers_related_by_visitor() -%}
    {%- call readership.table_answer('related_by_visitor', [
        'requested_site', 'requested_uuid', 'requested_skip := 0', 'requested_rows := 10',
        'requested_or_recent := true',
    ] + readership.requested_posts_parameters()) %}
with known as (
    select url
    from {{ readership.export('api_history') }}
    where site_id = cast(requested_site as varchar) and uuid = cast(requested_uuid as varchar)
),

found as (
    select
        related_post_key as post_key,
        score
    from {{ readership.export('api_related_by_visitor') }}
    where site_id = cast(requested_site as varchar) and uuid = cast(requested_uuid as varchar)
),

{{ readership.related_or_recent() }}
    {%- endcall -%}
{%- endmacro %}


{# Related posts or, when there are none, the most recent ones; without those that the reader
   has already read. #}
{% macro related_or_recent() -%}
{{ readership.requested_posts() }},

related as (
    select
        posts.*,
        found.score,
        cast(null as timestamp) as newness
    from found
    inner join posts on found.post_key = posts.post_key
    where posts.url not in (select url from known)
),

recent as (
    select
        posts.*,
        0 as score,
        {{ readership.live_since('dim_posts') }} as newness
    from posts
    inner join {{ ref('dim_posts') }} as dim_posts on posts.post_key = dim_posts.post_key
    where
        requested_or_recent
        and not exists (select 1 from related)
        and posts.url not in (select url from known)
    order by newness desc nulls last, posts.url, posts.post_key
    limit {{ var('related_posts') }}
),

either as (
    select * from related
    union all
    select * from recent
),

ranked as (
    select
        *,
        row_number() over (order by score desc, newness desc nulls last, url, post_key) as position,
        count(*) over () as rows_total
    from either
)

{{ readership.answer_page(
    readership.json_object(readership.post_fields() + [('score', 'score')])
) }}
{%- endmacro %}


{% macro answers_history() -%}
    {%- call readership.table_answer('history', ['requested_site', 'requested_uuid']) %}
with read_pages as (
    select
        url,
        row_number() over (order by last_viewed_at desc, url) as newness
    from {{ readership.export('api_history') }}
    where site_id = cast(requested_site as varchar) and uuid = cast(requested_uuid as varchar)
),

listed as (
    select {{ readership.json_list_of(readership.json_string('url'), 'newness') }} as urls
    from read_pages
)

select
    1 as position,
    1 as rows_total,
    {{ readership.json_object([
        ('uuid', 'cast(requested_uuid as varchar)'), ('urls', readership.as_json('urls', is_normalized=true)),
    ]) }} as row_json
from listed
    {%- endcall -%}
{%- endmacro %}


{# The canonical URLs of the posts at some addresses: matched by canonical URL, else by any
   page of the post. Addresses are normalized. #}
{% macro answers_known_posts() -%}
    {%- call readership.table_answer('known_posts', ['requested_site', 'requested_urls'], columns=[('canonical_url', 'text')]) %}
with requested as (
    select
        urls.url,
        {{ readership.page_address('urls.url') }} as page_address
    from (select unnest(cast(requested_urls as varchar [])) as url) as urls
),

posts as (
    select post_key, canonical_url
    from {{ ref('dim_posts') }}
    where site_id = cast(requested_site as varchar) and has_events
),

by_name as (
    select posts.canonical_url, requested.url
    from posts
    inner join requested on posts.canonical_url = requested.url
),

keys as (
    select {{ readership.surrogate_key(['requested_site', 'page_address']) }} as page_key
    from requested
    where url not in (select url from by_name)
    union
    select
        {{ readership.surrogate_key([
            'requested_site', readership.address_without_amp('page_address')
        ]) }}
            as page_key
    from requested
    where url not in (select url from by_name)
)

select canonical_url from by_name
union
select posts.canonical_url
from keys
inner join {{ ref('int_post_addresses') }} as addresses on keys.page_key = addresses.page_key
inner join posts on addresses.post_key = posts.post_key
    {%- endcall -%}
{%- endmacro %}
