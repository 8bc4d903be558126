{#
    What the dashboard shows besides answers to calls: the site and the limits of its periods, its
    hours, what rises and fades, loyal visitors, and the hours of posts.
#}
{% macro dashboard_answers() -%}
    {{ return([
        readership.answers_dashboard_site(), readership.answers_dashboard_periods(),
        readership.answers_dashboard_hours(), readership.answers_dashboard_trends(),
        readership.answers_dashboard_loyal(), readership.answers_dashboard_post_hours(),
    ]) }}
{%- endmacro %}


{% macro answers_dashboard_site() -%}
    {%- call readership.table_answer(
        'dashboard_site', ['requested_site'], columns=[('site_name', 'text'), ('time_zone', 'text')]
    ) -%}
select
    site_name,
    time_zone
from {{ ref('dim_sites') }}
where site_id = cast(requested_site as varchar)
    {%- endcall -%}
{%- endmacro %}


{% macro answers_dashboard_periods() -%}
    {%- call readership.table_answer('dashboard_periods', ['requested_site'], columns=[
        ('period', 'text'), ('is_comparable', 'boolean'), ('starts_after_at', 'timestamp'),
        ('ends_at', 'timestamp'), ('previous_starts_after_at', 'timestamp'),
        ('previous_ends_at', 'timestamp'),
    ]) -%}
select
    period,
    is_comparable,
    starts_after_at,
    ends_at,
    previous_starts_after_at,
    previous_ends_at
from {{ ref('int_compared_periods') }}
where site_id = cast(requested_site as varchar)
    {%- endcall -%}
{%- endmacro %}


{# The hours of a site, the last one first. #}
{% macro answers_dashboard_hours() -%}
    {%- call readership.table_answer('dashboard_hours', ['requested_site'], columns=[
        ('hours_before', 'integer'), ('views', 'bigint'), ('visitors', 'bigint'),
        ('weeks', 'integer'), ('usual_views', 'double precision'),
        ('usual_visitors', 'double precision'), ('ends_at', 'timestamp'),
    ]) -%}
select
    hours_before,
    views,
    visitors,
    weeks,
    usual_views,
    usual_visitors,
    ends_at
from {{ ref('fct_site_hours') }}
where site_id = cast(requested_site as varchar)
order by hours_before
    {%- endcall -%}
{%- endmacro %}


{% macro answers_dashboard_trends() -%}
    {%- set columns = [
        ('url', 'text'), ('title', 'text'), ('section', 'text'), ('state', 'text'),
        ('position', 'bigint'), ('views', 'bigint'), ('expected_views', 'double precision'),
        ('score', 'double precision'),
    ] -%}
    {%- call readership.table_answer('dashboard_trends', ['requested_site'], columns=columns) -%}
{%- if not readership.is_enabled('trending_posts') %}
select
    {%- for name, type in columns %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
{%- else %}
select
    canonical_url as url,
    title,
    section,
    state,
    position,
    views,
    expected_views,
    score
from {{ ref('trending_posts') }}
where site_id = cast(requested_site as varchar)
order by position
{%- endif %}
    {%- endcall -%}
{%- endmacro %}


{# Visitors of posts in a period who are loyal at present, as in dim_visitors. #}
{% macro answers_dashboard_loyal() -%}
    {%- call readership.table_answer(
        'dashboard_loyal', ['requested_site', 'requested_starts_after_at', 'requested_ends_at'],
        columns=[('visitors', 'bigint')]
    ) -%}
select count(distinct hourly_views.visitor_key) as visitors
from {{ ref('int_hourly_views') }} as hourly_views
inner join {{ ref('dim_posts') }} as posts on hourly_views.post_key = posts.post_key
inner join {{ ref('dim_visitors') }} as visitors
    on hourly_views.visitor_key = visitors.visitor_key
where
    hourly_views.site_id = cast(requested_site as varchar)
    and hourly_views.viewed_at > cast(requested_starts_after_at as timestamp)
    and hourly_views.viewed_at <= cast(requested_ends_at as timestamp)
    and posts.is_post
    and visitors.site_id = cast(requested_site as varchar)
    and visitors.is_rolling_loyal
    {%- endcall -%}
{%- endmacro %}


{# Views and engaged seconds of some posts by hour (UTC); hours without views have no row. #}
{% macro answers_dashboard_post_hours() -%}
    {%- call readership.table_answer(
        'dashboard_post_hours',
        [
            'requested_site', 'requested_urls', 'requested_starts_after_at', 'requested_ends_at',
        ],
        columns=[
            ('url', 'text'), ('hour_at', 'timestamp'), ('views', 'bigint'),
            ('engaged_seconds', 'bigint'),
        ]
    ) -%}
select
    posts.canonical_url as url,
    hourly_views.hour_at,
    cast(sum(hourly_views.views) as bigint) as views,
    cast(sum(hourly_views.engaged_seconds) as bigint) as engaged_seconds
from {{ ref('int_hourly_views') }} as hourly_views
inner join {{ ref('dim_posts') }} as posts on hourly_views.post_key = posts.post_key
where
    hourly_views.site_id = cast(requested_site as varchar)
    and hourly_views.viewed_at > cast(requested_starts_after_at as timestamp)
    and hourly_views.viewed_at <= cast(requested_ends_at as timestamp)
    and posts.site_id = cast(requested_site as varchar)
    and posts.canonical_url in (select unnest(cast(requested_urls as varchar [])))
group by posts.canonical_url, hourly_views.hour_at
order by url, hour_at
    {%- endcall -%}
{%- endmacro %}
