{#
    The class of a referrer, for the page's and the session's alike.

    The record's own class stands where it has one that says something; `other` says nothing,
    trackers know neither aggregators nor webmail, and their `search` and `ai` are mistaken for
    each other, so there the host decides. A visit without a referrer that carries campaign
    parameters is not direct: it is `email` or `campaign` by what they say.
#}
{% macro referrer_class(recorded, url, host, page_host, campaign_channel, has_campaign) -%}
    case
        when {{ url }} is null and {{ campaign_channel }} = 'email' then 'email'
        when {{ url }} is null and {{ has_campaign }} then 'campaign'
        when {{ url }} is null then 'direct'
        when {{ recorded }} = 'internal' then 'internal'
        when {{ recorded }} in ('social', 'ai') then {{ recorded }}
        when {{ host }}.domain = {{ page_host }}.domain then 'internal'
        when {{ host }}.host_class is not null then {{ host }}.host_class
        when {{ recorded }} = 'search' then 'search'
        else coalesce({{ host }}.referrer_class, 'other')
    end
{%- endmacro %}


{# The name a referrer goes by: the engine, the network, else its registrable domain; null for
   visits without a referrer. #}
{% macro referrer_name(recorded_class, recorded_domain, url, host, raw_host) -%}
    case
        when {{ url }} is null then null
        when {{ recorded_class }} = 'search' and {{ host }}.host_class is null
            then coalesce({{ recorded_domain }}, {{ host }}.referrer_name, {{ raw_host }})
        else coalesce({{ host }}.referrer_name, {{ recorded_domain }}, {{ raw_host }})
    end
{%- endmacro %}
