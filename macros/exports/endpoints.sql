{#
    The endpoints that return every metric for a period, by path: the export and the condition on
    its rows, the fields of a row before its metrics, the tie-breakers of the sort metric, and other
    names for views. Endpoints marked of_one_page are requested for one page and have no response for
    all of them.
#}
{% macro endpoints() -%}
    {%- set post_fields = readership.post_fields() -%}
    {%- set referrer_fields = [('name', 'name'), ('type', 'type')] -%}
    {%- set metas = [('authors', 'author'), ('sections', 'section'), ('tags', 'tag')] -%}
    {%- set found = {
        'analytics/posts': {
            'export': 'api_analytics_posts', 'fields': post_fields, 'ties': ['url', 'post_key'],
        },
        'analytics/post/detail': {
            'export': 'api_post_detail', 'fields': post_fields, 'ties': ['url', 'post_key'],
            'of_one_page': true,
        },
        'analytics/referrers': {
            'export': 'api_analytics_referrers', 'fields': referrer_fields,
            'ties': ['name', 'type'], 'views': 'referrers_views',
        },
        'referrers/post/detail': {
            'export': 'api_referrers_post_detail', 'fields': referrer_fields,
            'ties': ['name', 'type'], 'views': 'referrers_views', 'of_one_page': true,
        },
    } -%}
    {%- for name, field in metas + [
        ('channels', 'channel'), ('campaigns', 'campaign'), ('segments', 'segment'),
        ('sources', 'referrer_class'), ('site', 'site'),
    ] -%}
        {%- do found.update({'analytics/' ~ name: {
            'export': 'api_analytics_' ~ name, 'fields': [(field, field)], 'ties': [field],
        }}) -%}
    {%- endfor -%}
    {%- for type in ['social', 'search', 'other', 'internal', 'ai'] -%}
        {%- do found.update({'referrers/' ~ type: {
            'export': 'api_referrers_' ~ type, 'fields': referrer_fields,
            'ties': ['name', 'type'], 'views': 'referrers_views',
        }}) -%}
        {%- do found.update({'referrers/' ~ type ~ '/posts': {
            'export': 'api_referrers_posts', 'condition': "type = '" ~ type ~ "'",
            'fields': post_fields, 'ties': ['url', 'post_key'], 'views': 'referrers_views',
        }}) -%}
        {%- for name, field in metas -%}
            {%- do found.update({'referrers/' ~ type ~ '/' ~ name: {
                'export': 'api_referrers_' ~ name, 'condition': "type = '" ~ type ~ "'",
                'fields': [(field, field)], 'ties': [field], 'views': 'referrers_views',
            }}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# A post as JSON, from the columns of api_post_fields. #}
{% macro post_fields() -%}
    {{ return([
        ('title', 'title'),
        ('url', 'url'),
        ('link', 'url'),
        ('author', 'author'),
        ('authors', readership.as_json("coalesce(authors, '[]')")),
        ('section', 'section'),
        ('tags', readership.as_json("coalesce(tags, '[]')")),
        ('pub_date', readership.timestamp_to_text('published_at')),
        ('image_url', 'image_url'),
        ('thumb_url_medium', 'thumb_url_medium'),
        ('metadata', "coalesce(metadata, '')"),
        ('full_content_word_count', 'full_content_word_count'),
    ]) }}
{%- endmacro %}


{# A row of an endpoint as JSON. #}
{% macro row_json(endpoint) -%}
    {%- set also = [(endpoint['views'], 'views')] if 'views' in endpoint else [] -%}
    {{ readership.json_object(
        endpoint['fields']
        + [('metrics', readership.as_json(
            readership.json_object(
                also + readership.metrics_pairs(readership.sort_metric_names())
            ),
            is_normalized=true
        ))]
        + [('_hits', 'views')]
    ) }}
{%- endmacro %}


{# The value of the metric in a call's sort parameter. #}
{% macro sort_value(sort) -%}
    case {{ sort }}
        {%- for metric in readership.sort_metric_names() %}
        when '{{ metric }}' then {{ metric }}
        {%- endfor %}
    end
{%- endmacro %}


{% macro metrics_pairs(metrics) -%}
    {%- set pairs = [] -%}
    {%- for metric in metrics -%}
        {%- do pairs.append((metric, metric)) -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}


{# The envelope around a response's rows, and its parts. #}
{% macro envelope(data, links, meta) -%}
    {{ readership.json_object([
        ('success', 'true'),
        ('data', readership.as_json(data, is_normalized=true)),
        ('links', readership.as_json(links, is_normalized=true)),
        ('meta', readership.as_json(meta, is_normalized=true)),
    ]) }}
{%- endmacro %}

{# `path` is the URL of the call up to the page number. #}
{% macro envelope_links(path, page, rows, rows_total) -%}
    '{"first":' || {{ readership.json_string(path ~ " || '1'") }}
    || case
        when {{ page }} > 1
            then
                ',"prev":'
                || {{ readership.json_string(
                    path ~ " || cast(" ~ page ~ " - 1 as " ~ dbt.type_string() ~ ")"
                ) }}
        else ''
    end
    || case
        when {{ rows_total }} > {{ page }} * {{ rows }}
            then
                ',"next":'
                || {{ readership.json_string(
                    path ~ " || cast(" ~ page ~ " + 1 as " ~ dbt.type_string() ~ ")"
                ) }}
        else ''
    end
    || '}'
{%- endmacro %}

{# `metrics` is a JSON list. The coverage of a site is from its first event to its as-of time. #}
{% macro envelope_meta(metrics, sort, status, first_event_at, as_of_at) -%}
    {{ readership.json_object([
        ('metrics', readership.as_json(metrics, is_normalized=true)),
        ('sort', sort),
        ('status', status),
        ('coverage_start', readership.timestamp_to_text(first_event_at)),
        ('coverage_end', readership.timestamp_to_text(as_of_at)),
    ]) }}
{%- endmacro %}

{# Explains an empty response: a site without traffic in a period differs from a period outside
   the data. #}
{% macro answer_status(rows_total, starts_after_at, ends_at, first_event_at, as_of_at) -%}
    case
        when {{ rows_total }} > 0 then 'ok'
        when {{ ends_at }} < {{ first_event_at }} or {{ starts_after_at }} >= {{ as_of_at }}
            then 'outside_coverage'
        else 'no_traffic'
    end
{%- endmacro %}


{# The metrics that rows may be sorted by, as a JSON list. #}
{% macro sort_metrics_json() -%}
    '{{ tojson(readership.sort_metric_names()) | replace(" ", "") }}'
{%- endmacro %}
