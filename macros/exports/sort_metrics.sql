{#
    The metrics an analytics API sorts by, from rows of api_activity, in two steps so that each
    visitor is new or returning once per answer: visitor_totals() per answer row and visitor,
    then sort_metrics() per answer row.
#}
{% macro sort_metric_names(recirculation=true) -%}
    {{ return([
        'views', 'mobile_views', 'tablet_views', 'desktop_views',
        'visitors', 'visitors_new', 'visitors_returning',
        'engaged_minutes', 'avg_engaged', 'avg_engaged_new', 'avg_engaged_returning',
        'social_referrals', 'fb_referrals', 'tw_referrals', 'li_referrals', 'pi_referrals',
        'search_refs',
    ] + (['recirculation_rate'] if recirculation else [])) }}
{%- endmacro %}


{% macro visitor_totals() -%}
        sum(views) as views,
        sum(case when device_class = 'mobile' then views else 0 end) as mobile_views,
        sum(case when device_class = 'tablet' then views else 0 end) as tablet_views,
        sum(case when device_class = 'desktop' then views else 0 end) as desktop_views,
        sum(engaged_seconds) as engaged_seconds,
        sum(case when referrer_class = 'social' then views else 0 end) as social_referrals,
        sum(case when referrer_name = 'facebook' then views else 0 end) as fb_referrals,
        sum(case when referrer_name = 'twitter' then views else 0 end) as tw_referrals,
        sum(case when referrer_name = 'linkedin' then views else 0 end) as li_referrals,
        sum(case when referrer_name = 'pinterest' then views else 0 end) as pi_referrals,
        sum(case when referrer_class = 'search' then views else 0 end) as search_refs,
        sum(recirculated_views) as recirculated_views,
        max(case when is_returning then 1 else 0 end) = 1 as is_returning
{%- endmacro %}


{% macro sort_metrics(recirculation=true) -%}
        cast(sum(views) as bigint) as views,
        cast(sum(mobile_views) as bigint) as mobile_views,
        cast(sum(tablet_views) as bigint) as tablet_views,
        cast(sum(desktop_views) as bigint) as desktop_views,
        count(distinct visitor_key) as visitors,
        count(distinct case when not is_returning then visitor_key end) as visitors_new,
        count(distinct case when is_returning then visitor_key end) as visitors_returning,
        cast(round(sum(engaged_seconds) / 60.0) as bigint) as engaged_minutes,
        {{ minutes_each('sum(engaged_seconds)', 'count(distinct visitor_key)') }} as avg_engaged,
        {{ minutes_each(
            'sum(case when not is_returning then engaged_seconds else 0 end)',
            'count(distinct case when not is_returning then visitor_key end)'
        ) }} as avg_engaged_new,
        {{ minutes_each(
            'sum(case when is_returning then engaged_seconds else 0 end)',
            'count(distinct case when is_returning then visitor_key end)'
        ) }} as avg_engaged_returning,
        cast(sum(social_referrals) as bigint) as social_referrals,
        cast(sum(fb_referrals) as bigint) as fb_referrals,
        cast(sum(tw_referrals) as bigint) as tw_referrals,
        cast(sum(li_referrals) as bigint) as li_referrals,
        cast(sum(pi_referrals) as bigint) as pi_referrals,
        cast(sum(search_refs) as bigint) as search_refs
        {%- if recirculation %},
        {{ ratio('sum(recirculated_views)', 'sum(views)') }} as recirculation_rate
        {%- endif %}
{%- endmacro %}


{# Seconds shared out as minutes each, to three decimals; 0 where there is nobody. #}
{% macro minutes_each(seconds, number) -%}
    {{ ratio('cast(' ~ seconds ~ ' as ' ~ type_double() ~ ') / 60.0', number) }}
{%- endmacro %}


{# A quotient to three decimals; 0 where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    {%- set quotient -%}
    coalesce(cast({{ numerator }} as {{ type_double() }}) / nullif({{ denominator }}, 0), 0)
    {%- endset -%}
    {{ rounded(quotient, 3) }}
{%- endmacro %}
