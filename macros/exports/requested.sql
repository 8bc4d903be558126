{#
    The exports are views over all sites and periods. publish_answers() renders the same SQL as the
    answer to one call: the requested site and period replace the relation of all periods, and
    filters narrow the pageviews before they are aggregated. Requested values are parameters, never
    part of the SQL text. Their names start with requested_, because a parameter of a table macro
    hides columns of the same name.
#}
{% macro is_answering() -%}
    {{ return(
        model is not defined
        or model.resource_type not in ['model', 'test', 'unit_test', 'sql_operation']
    ) }}
{%- endmacro %}


{# Another export or its upstream relation, to select from. #}
{% macro export(name) -%}
    {%- if readership.is_answering() -%}
    {%- set versions = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
        | selectattr('name', 'equalto', name) | sort(attribute='unique_id') | list %}
    ({{ render(versions[-1].raw_code) }})
    {%- else -%}
    {{ ref(name) }}
    {%- endif -%}
{%- endmacro %}


{# The periods to return, to select from. #}
{% macro windows() -%}
    {%- if readership.is_answering() -%}
    (
        select
            cast(requested_site as varchar) as site_id,
            'requested' as period,
            cast(requested_starts_after_at as timestamp) as starts_after_at,
            cast(requested_ends_at as timestamp) as ends_at
    )
    {%- else -%}
    {{ ref('dim_periods') }}
    {%- endif -%}
{%- endmacro %}


{# Conditions on rows with the columns of fct_pageviews: the requested filters on views and
   posts. #}
{% macro requested_of_views(relation) -%}
    {%- if readership.is_answering() %}
    {{ readership.in_requested_period(relation) }}
    and (requested_segments is null or {{ relation }}.segment in (select unnest(cast(requested_segments as varchar []))))
    and (requested_campaign_id is null or {{ relation }}.campaign_id = cast(requested_campaign_id as varchar))
    and (requested_campaign is null or {{ relation }}.campaign = cast(requested_campaign as varchar))
    and (requested_campaign_medium is null or {{ relation }}.campaign_medium = cast(requested_campaign_medium as varchar))
    and (requested_campaign_source is null or {{ relation }}.campaign_source = cast(requested_campaign_source as varchar))
    and (
        requested_campaign_content is null
        or {{ relation }}.campaign_content = cast(requested_campaign_content as varchar)
    )
    and (requested_campaign_term is null or {{ relation }}.campaign_term = cast(requested_campaign_term as varchar))
    and (requested_domain is null or {{ relation }}.referrer_name = cast(requested_domain as varchar))
    {%- endif -%}
{%- endmacro %}

{# Condition that repeats the join with the requested period. PostgreSQL uses an index only for
   bounds that it knows when it plans. #}
{% macro in_requested_period(relation) -%}
    {{ return(adapter.dispatch('in_requested_period', 'readership')(relation)) }}
{%- endmacro %}

{% macro default__in_requested_period(relation) -%}
{%- endmacro %}

{% macro postgres__in_requested_period(relation) -%}
    and {{ relation }}.site_id = cast(requested_site as varchar)
    and {{ relation }}.viewed_at > cast(requested_starts_after_at as timestamp)
    and {{ relation }}.viewed_at <= cast(requested_ends_at as timestamp)
{%- endmacro %}


{% macro requested_of_posts(relation) -%}
    {%- if readership.is_answering() %}
    and (
        (
            requested_urls is null and requested_sections is null and requested_authors is null
            and requested_tags is null and requested_published_from is null and requested_published_to is null
        )
        or {{ relation }}.post_key in (
            select posts.post_key
            from {{ ref('dim_posts') }} as posts
            where
                posts.site_id = cast(requested_site as varchar)
                and (
                    requested_urls is null
                    or posts.canonical_url in (select unnest(cast(requested_urls as varchar [])))
                )
                and {{ readership.is_requested_post('posts') }}
        )
    )
    {%- endif -%}
{%- endmacro %}


{# Conditions on rows with the columns of dim_posts: the post is among the requested ones. #}
{% macro is_requested_post(relation) -%}
    (requested_sections is null or {{ readership.is_in_section(relation, 'requested_sections') }})
    and (requested_authors is null or {{ readership.is_by_author(relation, 'requested_authors') }})
    and (requested_tags is null or {{ readership.has_tag(relation, 'requested_tags') }})
    and (
        requested_published_from is null
        or {{ relation }}.published_at >= cast(requested_published_from as timestamp)
    )
    and (
        requested_published_to is null
        or {{ relation }}.published_at <= cast(requested_published_to as timestamp)
    )
{%- endmacro %}

{% macro is_in_section(relation, names) -%}
    coalesce({{ relation }}.section in (select unnest(cast({{ names }} as varchar []))), false)
{%- endmacro %}

{# Matches each author of a byline, and all of them joined as responses name them. #}
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


{# The parameters of every table macro in the schema answers, with their defaults. #}
{% macro requested_parameters() -%}
    {{ return([
        'requested_site', 'requested_starts_after_at', 'requested_ends_at',
        "requested_sort := 'views'", 'requested_skip := 0', 'requested_rows := 10',
        'requested_urls := null', 'requested_sections := null', 'requested_authors := null',
        'requested_tags := null', 'requested_published_from := null', 'requested_published_to := null',
        'requested_segments := null', 'requested_campaign_id := null', 'requested_campaign := null',
        'requested_campaign_medium := null', 'requested_campaign_source := null',
        'requested_campaign_content := null', 'requested_campaign_term := null', 'requested_domain := null',
    ]) }}
{%- endmacro %}
