{#
    What the service counts from memory when a call asks for the metrics of a period: the pageviews
    of some hours, and names of posts. Metrics and their order are those of the exports, which
    remain the definition; docs/decisions/counting.md says why there are two ways.
#}
{% macro counted_answer_macros() -%}
    {{ return([
        readership.answers_counted_views(), readership.answers_view_counts(),
        readership.answers_counted_posts(), readership.answers_counted_names('authors', 'author'),
        readership.answers_counted_names('tags', 'tag'), readership.answers_counted_bylines(),
        readership.answers_post_json(),
    ]) }}
{%- endmacro %}


{# Pageviews of a site and some hours, in the order of time. A session that does not last while the
   page is viewed is not found. #}
{% macro answers_counted_views() -%}
    {%- call readership.table_answer('counted_views', [
        'requested_site', 'requested_from', 'requested_before',
    ]) -%}
with hourly_views as (
    select *
    from {{ ref('int_hourly_views') }}
    where
        site_id = cast(requested_site as varchar)
        and viewed_at >= cast(requested_from as timestamp)
        and viewed_at < cast(requested_before as timestamp)
),

sessions as (
    select *
    from {{ ref('int_session_spans') }}
    where
        site_id = cast(requested_site as varchar)
        and ended_at >= cast(requested_from as timestamp)
        and started_at < cast(requested_before as timestamp)
)

select
    {{ dbt.cast('hourly_views.visitor_key', dbt.type_string()) }} as visitor_key,
    {{ dbt.cast('hourly_views.post_key', dbt.type_string()) }} as post_key,
    {{ dbt.cast('hourly_views.referrer_post_key', dbt.type_string()) }} as referrer_post_key,
    hourly_views.referrer_class,
    hourly_views.referrer_name,
    hourly_views.channel,
    hourly_views.campaign_id,
    hourly_views.campaign,
    hourly_views.campaign_medium,
    hourly_views.campaign_source,
    hourly_views.campaign_content,
    hourly_views.campaign_term,
    hourly_views.device_class,
    hourly_views.segment,
    hourly_views.views,
    hourly_views.engaged_seconds,
    coalesce(hourly_views.is_recirculated, false) as is_recirculated,
    coalesce(sessions.is_returning, false) as is_returning,
    hourly_views.viewed_at,
    sessions.started_at as session_started_at
from hourly_views
left join sessions
    on
        hourly_views.session_key = sessions.session_key
        and hourly_views.viewed_at >= sessions.started_at
        and hourly_views.viewed_at <= sessions.ended_at
order by hourly_views.viewed_at
    {%- endcall -%}
{%- endmacro %}


{# The metrics that count views with one value in one column. #}
{% macro answers_view_counts() -%}
    {%- call readership.table_answer('view_counts', []) -%}
    {%- for metric, column, value in readership.view_counts() %}
    select '{{ metric }}' as metric, '{{ column }}' as counted_column, '{{ value }}' as counted_value
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endcall -%}
{%- endmacro %}


{% macro answers_counted_posts() -%}
    {%- call readership.table_answer('counted_posts', ['requested_site']) -%}
select
    {{ dbt.cast('post_key', dbt.type_string()) }} as post_key,
    canonical_url as url,
    section,
    is_post,
    published_at
from {{ ref('dim_posts') }}
where site_id = cast(requested_site as varchar) and has_events
    {%- endcall -%}
{%- endmacro %}


{# The rows of a bridge of posts. #}
{% macro answers_counted_names(bridge, column) -%}
    {%- call readership.table_answer('counted_' ~ bridge, ['requested_site']) -%}
select
    {{ dbt.cast('named.post_key', dbt.type_string()) }} as post_key,
    named.{{ column }} as name
from {{ ref('bridge_post_' ~ bridge) }} as named
inner join {{ ref('dim_posts') }} as posts on named.post_key = posts.post_key
where posts.site_id = cast(requested_site as varchar)
    {%- endcall -%}
{%- endmacro %}


{% macro answers_counted_bylines() -%}
    {%- call readership.table_answer('counted_bylines', ['requested_site']) -%}
select
    {{ dbt.cast('bylines.post_key', dbt.type_string()) }} as post_key,
    bylines.byline as name
from {{ ref('int_bylines') }} as bylines
inner join {{ ref('dim_posts') }} as posts on bylines.post_key = posts.post_key
where posts.site_id = cast(requested_site as varchar)
    {%- endcall -%}
{%- endmacro %}


{# The fields of some posts in responses, as JSON objects without metrics. #}
{% macro answers_post_json() -%}
    {%- call readership.table_answer('post_json', ['requested_keys']) -%}
select
    {{ dbt.cast('post_key', dbt.type_string()) }} as post_key,
    {{ readership.json_object(readership.post_fields()) }} as post_json
from {{ readership.export('api_post_fields') }}
where post_key in (select unnest(cast(requested_keys as uuid [])))
    {%- endcall -%}
{%- endmacro %}
