{#
    The endpoints whose rows are told as JSON: by their path, the export that has the rows, the
    fields of a row before its metrics, and what settles ties of the sort metric. Every row has every
    metric.
#}
{% macro endpoints() -%}
    {%- set post_fields = [
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
    ] -%}
    {%- set found = {
        'analytics/posts': {
            'export': 'api_analytics_posts', 'fields': post_fields, 'ties': ['url', 'post_key'],
        },
        'analytics/referrers': {
            'export': 'api_analytics_referrers', 'fields': [('name', 'name'), ('type', 'type')],
            'ties': ['name', 'type'],
        },
    } -%}
    {%- for name, field in [
        ('authors', 'author'), ('sections', 'section'), ('tags', 'tag'), ('channels', 'channel'),
        ('campaigns', 'campaign'), ('segments', 'segment'),
    ] -%}
        {%- do found.update({'analytics/' ~ name: {
            'export': 'api_analytics_' ~ name, 'fields': [(field, field)], 'ties': [field],
        }}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# A row of an endpoint as JSON. #}
{% macro row_json(endpoint) -%}
    {{ readership.json_object(
        endpoint['fields']
        + [('metrics', readership.as_json(
            readership.json_object(readership.metrics_pairs(readership.sort_metric_names())), is_ours=true
        ))]
        + [('_hits', 'views')]
    ) }}
{%- endmacro %}


{# The metric that a call sorts by. #}
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


{# The envelope around an answer's rows, and its parts. #}
{% macro envelope(data, links, meta) -%}
    {{ readership.json_object([
        ('success', 'true'),
        ('data', readership.as_json(data, is_ours=true)),
        ('links', readership.as_json(links, is_ours=true)),
        ('meta', readership.as_json(meta, is_ours=true)),
    ]) }}
{%- endmacro %}

{# `path` is the call up to the number of the page. #}
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

{# `metrics` is a JSON list. The coverage of a site is from its first event to its present. #}
{% macro envelope_meta(metrics, sort, status, first_event_at, as_of_at) -%}
    {{ readership.json_object([
        ('metrics', readership.as_json(metrics, is_ours=true)),
        ('sort', sort),
        ('status', status),
        ('coverage_start', readership.timestamp_to_text(first_event_at)),
        ('coverage_end', readership.timestamp_to_text(as_of_at)),
    ]) }}
{%- endmacro %}

{# Why an answer has the rows it has: a site without traffic in a period is not a period of which
   nothing is known. #}
{% macro answer_status(rows_total, starts_after_at, ends_at, first_event_at, as_of_at) -%}
    case
        when {{ rows_total }} > 0 then 'ok'
        when {{ ends_at }} < {{ first_event_at }} or {{ starts_after_at }} >= {{ as_of_at }}
            then 'outside_coverage'
        else 'no_traffic'
    end
{%- endmacro %}


{# The metrics that a row may be sorted by, as a JSON list. #}
{% macro sort_metrics_json() -%}
    '{{ tojson(readership.sort_metric_names()) | replace(" ", "") }}'
{%- endmacro %}
