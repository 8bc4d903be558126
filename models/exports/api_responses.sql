-- The JSON envelope that each endpoint hands out, first page. A site without rows in a period
-- gets an empty list, not a missing answer.
{%- set metrics = sort_metric_names() -%}
{%- set referrer_metrics = sort_metric_names(recirculation=false) -%}
{%- set endpoints = [
    'analytics/posts', 'analytics/authors', 'analytics/sections', 'analytics/tags',
    'analytics/referrers',
] %}

with posts as (
    select * from {{ ref('api_analytics_posts') }}
),

authors as (
    select * from {{ ref('api_analytics_authors') }}
),

sections as (
    select * from {{ ref('api_analytics_sections') }}
),

tags as (
    select * from {{ ref('api_analytics_tags') }}
),

referrers as (
    select * from {{ ref('api_analytics_referrers') }}
),

dim_periods as (
    select * from {{ ref('dim_periods') }}
),

endpoints as (
    {{ rows_of_texts('endpoint', endpoints) }}
),

sorts as (
    {{ rows_of_texts('sort', metrics) }}
),

response_rows as (
    {{ response_rows('analytics/posts', 'posts', [
        ('title', 'title'),
        ('url', 'url'),
        ('link', 'url'),
        ('author', 'author'),
        ('authors', as_json("coalesce(authors, '[]')")),
        ('section', 'section'),
        ('tags', as_json("coalesce(tags, '[]')")),
        ('pub_date', timestamp_to_text('published_at')),
        ('image_url', 'image_url'),
        ('thumb_url_medium', 'thumb_url_medium'),
        ('metadata', "coalesce(metadata, '')"),
        ('full_content_word_count', 'full_content_word_count'),
    ], 'rows_of.url, rows_of.post_key', metrics) }}
    union all
    {{ response_rows('analytics/authors', 'authors', [('author', 'author')],
        'rows_of.author', metrics) }}
    union all
    {{ response_rows('analytics/sections', 'sections', [('section', 'section')],
        'rows_of.section', metrics) }}
    union all
    {{ response_rows('analytics/tags', 'tags', [('tag', 'tag')],
        'rows_of.tag', metrics) }}
    union all
    {{ response_rows('analytics/referrers', 'referrers', [('name', 'name'), ('type', 'type')],
        'rows_of.name, rows_of.type', referrer_metrics) }}
),

calls as (
    select
        endpoints.endpoint,
        dim_periods.site_id,
        dim_periods.period,
        sorts.sort
    from dim_periods
    cross join endpoints
    cross join sorts
    where endpoints.endpoint <> 'analytics/referrers' or sorts.sort <> 'recirculation_rate'
),

final as (
    select
        calls.endpoint,
        calls.site_id,
        calls.period,
        calls.sort,
        {{ json_object([
            ('success', 'true'),
            ('data', as_json(
                json_list_of('response_rows.row_json', 'response_rows.position'), is_ours=true
            )),
            ('links', as_json("'{}'")),
            ('meta', as_json(json_object([('sort', 'calls.sort')]), is_ours=true)),
        ]) }} as response
    from calls
    left join response_rows
        on
            calls.endpoint = response_rows.endpoint
            and calls.site_id = response_rows.site_id
            and calls.period = response_rows.period
            and calls.sort = response_rows.sort
            and response_rows.position <= {{ var('response_limit') }}
    group by calls.endpoint, calls.site_id, calls.period, calls.sort
)

select * from final
