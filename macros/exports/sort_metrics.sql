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
        sum(case when device_class = 'mobile' then views else 0 end)
            as mobile_views,
        sum(case when device_class = 'tablet' then views else 0 end)
            as tablet_views,
        sum(case when device_class = 'desktop' then views else 0 end)
            as desktop_views,
        sum(engaged_seconds) as engaged_seconds,
        sum(case when referrer_class = 'social' then views else 0 end)
            as social_referrals,
        sum(case when referrer_name = 'facebook' then views else 0 end)
            as fb_referrals,
        sum(case when referrer_name = 'twitter' then views else 0 end)
            as tw_referrals,
        sum(case when referrer_name = 'linkedin' then views else 0 end)
            as li_referrals,
        sum(case when referrer_name = 'pinterest' then views else 0 end)
            as pi_referrals,
        sum(case when referrer_class = 'search' then views else 0 end)
            as search_refs,
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
        sum(activity.mobile_views) as mobile_views,
        sum(activity.tablet_views) as tablet_views,
        sum(activity.desktop_views) as desktop_views,
        sum(activity.engaged_seconds) as engaged_seconds,
        sum(activity.social_referrals) as social_referrals,
        sum(activity.fb_referrals) as fb_referrals,
        sum(activity.tw_referrals) as tw_referrals,
        sum(activity.li_referrals) as li_referrals,
        sum(activity.pi_referrals) as pi_referrals,
        sum(activity.search_refs) as search_refs,
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
