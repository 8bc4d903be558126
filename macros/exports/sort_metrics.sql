{#
    The metrics an analytics API sorts by.

    metrics_by() renders the CTEs up to `metrics`: one row per site, period and the given keys, with
    every sort metric. It reads CTEs named views and readers (api_views, api_readers), each as
    `activity`, with the same joins and condition. Views are aggregated by post before they are
    joined to bridges with several rows per post. Visitors are counted from one row per visitor, so
    that each is either new or returning once per row of the response. Recirculation of a post is
    the views referred from it; of other keys, their views that led to another post.
#}
{% macro sort_metric_names() -%}
    {{ return([
        'views', 'mobile_views', 'tablet_views', 'desktop_views',
        'visitors', 'visitors_new', 'visitors_returning',
        'engaged_minutes', 'avg_engaged', 'avg_engaged_new', 'avg_engaged_returning',
        'social_referrals', 'fb_referrals', 'tw_referrals', 'li_referrals', 'pi_referrals',
        'search_refs', 'recirculation_rate',
    ]) }}
{%- endmacro %}


{# Metrics that count views with one value in one column: metric, column and value. #}
{% macro view_counts() -%}
    {{ return([
        ('mobile_views', 'device_class', 'mobile'),
        ('tablet_views', 'device_class', 'tablet'),
        ('desktop_views', 'device_class', 'desktop'),
        ('social_referrals', 'referrer_class', 'social'),
        ('fb_referrals', 'referrer_name', 'facebook'),
        ('tw_referrals', 'referrer_name', 'twitter'),
        ('li_referrals', 'referrer_name', 'linkedin'),
        ('pi_referrals', 'referrer_name', 'pinterest'),
        ('search_refs', 'referrer_class', 'search'),
    ]) }}
{%- endmacro %}


{# `keys` are pairs of a name and an expression; `joins` and `condition` are SQL that refers to
   `activity`; `extra_columns` are its columns that they use, other than post_key. #}
{% macro metrics_by(
    keys, joins='', condition='true', extra_columns=[], recirculated='recirculated_views'
) -%}
    {%- set names = keys | map('first') | list -%}
by_post as (
    select
        site_id,
        period,
        post_key,
        {%- for column in extra_columns %}
        {{ column }},
        {%- endfor %}
        sum(views) as views,
        {%- for metric, column, value in readership.view_counts() %}
        sum(case when {{ column }} = '{{ value }}' then views else 0 end) as {{ metric }},
        {%- endfor %}
        sum(engaged_seconds) as engaged_seconds,
        sum({{ recirculated }}) as recirculated_views
    from views
    group by site_id, period, post_key{% for column in extra_columns %}, {{ column }}{% endfor %}
),

by_views as (
    select
        activity.site_id,
        activity.period,
        {%- for name, expression in keys %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        sum(activity.views) as views,
        {%- for metric, _, _ in readership.view_counts() %}
        sum(activity.{{ metric }}) as {{ metric }},
        {%- endfor %}
        sum(activity.engaged_seconds) as engaged_seconds,
        sum(activity.recirculated_views) as recirculated_views
    from by_post as activity
    {{ joins }}
    where {{ condition }}
    group by
        activity.site_id, activity.period, {{ keys | map('last') | join(', ') }}
),

by_visitor as (
    select
        activity.site_id,
        activity.period,
        {%- for name, expression in keys %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        activity.visitor_key,
        sum(activity.engaged_seconds) as engaged_seconds,
        max(case when activity.is_returning then 1 else 0 end) = 1 as is_returning
    from readers as activity
    {{ joins }}
    where {{ condition }}
    group by
        activity.site_id, activity.period, {{ keys | map('last') | join(', ') }},
        activity.visitor_key
),

by_readers as (
    select
        site_id,
        period,
        {%- for name in names %}
        {{ name }},
        {%- endfor %}
        count(*) as visitors,
        sum(case when is_returning then 1 else 0 end) as visitors_returning,
        sum(case when is_returning then engaged_seconds else 0 end) as engaged_seconds_returning
    from by_visitor
    group by site_id, period, {{ names | join(', ') }}
),

metrics as (
    select
        by_views.site_id,
        by_views.period,
        {%- for name in names %}
        by_views.{{ name }},
        {%- endfor %}
        cast(by_views.views as bigint) as views,
        cast(by_views.mobile_views as bigint) as mobile_views,
        cast(by_views.tablet_views as bigint) as tablet_views,
        cast(by_views.desktop_views as bigint) as desktop_views,
        cast(by_readers.visitors as bigint) as visitors,
        cast(by_readers.visitors - by_readers.visitors_returning as bigint) as visitors_new,
        cast(by_readers.visitors_returning as bigint) as visitors_returning,
        {{ readership.round_to_integer('by_views.engaged_seconds / 60.0') }} as engaged_minutes,
        {{ readership.average_minutes('by_views.engaged_seconds', 'by_readers.visitors') }}
            as avg_engaged,
        {{ readership.average_minutes(
            'by_views.engaged_seconds - by_readers.engaged_seconds_returning',
            'by_readers.visitors - by_readers.visitors_returning',
        ) }} as avg_engaged_new,
        {{ readership.average_minutes(
            'by_readers.engaged_seconds_returning', 'by_readers.visitors_returning'
        ) }} as avg_engaged_returning,
        cast(by_views.social_referrals as bigint) as social_referrals,
        cast(by_views.fb_referrals as bigint) as fb_referrals,
        cast(by_views.tw_referrals as bigint) as tw_referrals,
        cast(by_views.li_referrals as bigint) as li_referrals,
        cast(by_views.pi_referrals as bigint) as pi_referrals,
        cast(by_views.search_refs as bigint) as search_refs,
        {{ readership.ratio('by_views.recirculated_views', 'by_views.views') }}
            as recirculation_rate
    from by_views
    inner join by_readers
        on
            by_views.site_id = by_readers.site_id
            and by_views.period = by_readers.period
            {%- for name in names %}
            and by_views.{{ name }} = by_readers.{{ name }}
            {%- endfor %}
)
{%- endmacro %}


{# Average minutes from seconds and a count, to three decimals; 0 when the count is 0. #}
{% macro average_minutes(seconds, number) -%}
    {{ readership.ratio(
        'cast(' ~ seconds ~ ' as ' ~ readership.type_double() ~ ') / 60.0', number
    ) }}
{%- endmacro %}
