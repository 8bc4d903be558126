{#
    The exports are views over all sites and periods. publish_answers() makes of the same text the
    answer to one call: what it asks for stands where the view has every period, and narrows the
    views of pages that are summed up. What is asked for is bound, never part of the text; its names
    begin with asked_, since within a table macro a name of it would hide a column's.
#}
{% macro is_answering() -%}
    {{ return(model is not defined or model.resource_type not in ['model', 'test', 'unit_test']) }}
{%- endmacro %}


{# Another export or what it stands on, to select from. #}
{% macro export(name) -%}
    {%- if readership.is_answering() -%}
    {%- set versions = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', name) | sort(attribute='unique_id') | list %}
    ({{ render(versions[-1].raw_code) }})
    {%- else -%}
    {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}


{# The periods to answer for, to select from. #}
{% macro windows() -%}
    {%- if readership.is_answering() -%}
    (
        select
            cast(asked_site as varchar) as site_id,
            'asked' as period,
            cast(asked_starts_after_at as timestamp) as starts_after_at,
            cast(asked_ends_at as timestamp) as ends_at
    )
    {%- else -%}
    {{ ref('dim_periods') }}
    {%- endif -%}
{%- endmacro %}


{# Conditions on rows with the columns of fct_pageviews: what a call asks of views and of posts. #}
{% macro asked_of_views(relation) -%}
    {%- if readership.is_answering() %}
    and (asked_segments is null or {{ relation }}.segment in (select unnest(cast(asked_segments as varchar []))))
    and (asked_campaign_id is null or {{ relation }}.campaign_id = cast(asked_campaign_id as varchar))
    and (asked_campaign is null or {{ relation }}.campaign = cast(asked_campaign as varchar))
    and (asked_campaign_medium is null or {{ relation }}.campaign_medium = cast(asked_campaign_medium as varchar))
    and (asked_campaign_source is null or {{ relation }}.campaign_source = cast(asked_campaign_source as varchar))
    and (
        asked_campaign_content is null
        or {{ relation }}.campaign_content = cast(asked_campaign_content as varchar)
    )
    and (asked_campaign_term is null or {{ relation }}.campaign_term = cast(asked_campaign_term as varchar))
    and (asked_domain is null or {{ relation }}.referrer_name = cast(asked_domain as varchar))
    {%- endif -%}
{%- endmacro %}

{% macro asked_of_posts(relation) -%}
    {%- if readership.is_answering() %}
    and (
        (
            asked_urls is null and asked_sections is null and asked_authors is null
            and asked_tags is null and asked_published_from is null and asked_published_to is null
        )
        or {{ relation }}.post_key in (
            select posts.post_key
            from {{ ref('dim_posts') }} as posts
            where
                posts.site_id = cast(asked_site as varchar)
                and (
                    asked_urls is null
                    or posts.canonical_url in (select unnest(cast(asked_urls as varchar [])))
                )
                and {{ readership.is_asked_post('posts') }}
        )
    )
    {%- endif -%}
{%- endmacro %}


{# Conditions on rows with the columns of dim_posts: the post is one of those asked for. #}
{% macro is_asked_post(relation) -%}
    (asked_sections is null or {{ readership.is_in_section(relation, 'asked_sections') }})
    and (asked_authors is null or {{ readership.is_by_author(relation, 'asked_authors') }})
    and (asked_tags is null or {{ readership.has_tag(relation, 'asked_tags') }})
    and (
        asked_published_from is null
        or {{ relation }}.published_at >= cast(asked_published_from as timestamp)
    )
    and (
        asked_published_to is null
        or {{ relation }}.published_at <= cast(asked_published_to as timestamp)
    )
{%- endmacro %}

{% macro is_in_section(relation, names) -%}
    coalesce({{ relation }}.section in (select unnest(cast({{ names }} as varchar []))), false)
{%- endmacro %}

{# By each of joint authors, and by all of them as answers name them together. #}
{% macro is_by_author(relation, names) -%}
    {{ relation }}.post_key in (
        select by_author.post_key
        from {{ ref('bridge_post_authors') }} as by_author
        where by_author.author in (select unnest(cast({{ names }} as varchar [])))
        union all
        select bylines.post_key
        from {{ ref('int_bylines') }} as bylines
        where bylines.byline in (select unnest(cast({{ names }} as varchar [])))
    )
{%- endmacro %}

{% macro has_tag(relation, names) -%}
    {{ relation }}.post_key in (
        select by_tag.post_key
        from {{ ref('bridge_post_tags') }} as by_tag
        where by_tag.tag in (select unnest(cast({{ names }} as varchar [])))
    )
{%- endmacro %}


{# The parameters of every table macro in the schema answers, with what they are when left out. #}
{% macro asked_parameters() -%}
    {{ return([
        'asked_site', 'asked_starts_after_at', 'asked_ends_at',
        "asked_sort := 'views'", 'asked_skip := 0', 'asked_rows := 10',
        'asked_urls := null', 'asked_sections := null', 'asked_authors := null',
        'asked_tags := null', 'asked_published_from := null', 'asked_published_to := null',
        'asked_segments := null', 'asked_campaign_id := null', 'asked_campaign := null',
        'asked_campaign_medium := null', 'asked_campaign_source := null',
        'asked_campaign_content := null', 'asked_campaign_term := null', 'asked_domain := null',
    ]) }}
{%- endmacro %}
