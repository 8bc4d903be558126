{# The SQL of exports that differ in one thing. tests/project holds their contracts to one another. #}

{# Rows of an export that answers for every period: those of the last five minutes to 24 hours. #}
{% macro realtime_rows_of(name) -%}
with answers as (
    select * from {{ readership.export(name) }}
),

final as (
    select *
    from answers
    where period in ('{{ readership.realtime_periods() | join("', '") }}')
)

select * from final
{%- endmacro %}


{# Referrers of some types. #}
{% macro referrer_rows_where(condition) -%}
with referrers as (
    select * from {{ readership.export('api_analytics_referrers') }}
),

final as (
    select *
    from referrers
    where {{ condition }}
)

select * from final
{%- endmacro %}


{#
    Every sort metric of the posts of a site, by keys: pairs of a name and an expression.

    `bridge` names the rows that a post has several of, post_authors or post_tags. `kept` are the
    columns of views that the keys name: what is no property of posts is credited with its views
    that led to another, posts with the views that came from them. Rows without a key have no row
    here; `condition` takes the place of that rule.
#}
{% macro post_metrics_by(keys, bridge=none, kept=[], condition=none) -%}
with views as (
    select * from {{ readership.export('api_views') }}
),

readers as (
    select * from {{ readership.export('api_readers') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

{% if bridge -%}
{{ bridge }} as (
    select * from {{ ref('bridge_' ~ bridge) }}
),

{% endif -%}
{%- set joins -%}
    inner join dim_posts on activity.post_key = dim_posts.post_key
    {%- if bridge %}
    inner join {{ bridge }} on activity.post_key = {{ bridge }}.post_key
    {%- endif %}
{%- endset -%}
{{ readership.metrics_by(
    keys,
    joins=joins,
    condition=condition or (keys | map('last') | join(' is not null and ') ~ ' is not null'),
    kept=kept,
    recirculated='led_on_views' if kept else 'recirculated_views',
) }},

final as (
    select
        site_id,
        period,
        {%- for name, _ in keys %}
        {{ name }},
        {%- endfor %}
        {{ readership.sort_metric_names() | join(', ') }}
    from metrics
)

select * from final
{%- endmacro %}
