{# SQL shared by exports that differ in one respect. tests/project compares their contracts. #}

{# The rows of an all-periods export for the real-time periods, from the last five minutes to
   24 hours. #}
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


{# Referrers of the types that match a condition. #}
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
    Every sort metric of a site's posts, by keys: pairs of a name and an expression.

    `bridge` names a bridge relation with several rows per post: post_authors or post_tags.
    `extra_columns` are the columns of views that the keys use. When keys are not properties of
    posts, recirculation is credited by the views that led to another post; otherwise, by the views
    referred from the post. Rows without a key are dropped, unless `condition` replaces that rule.
#}
{% macro post_metrics_by(keys, bridge=none, extra_columns=[], condition=none) -%}
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
    extra_columns=extra_columns,
    recirculated='recirculating_views' if extra_columns else 'recirculated_views',
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
