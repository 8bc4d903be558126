{#
    The class of a referrer, for the page's and the session's alike.

    The record's own class stands where it has one that says something; `other` says nothing,
    trackers know neither aggregators nor webmail, and their `search` and `ai` are mistaken for
    each other, so there the host decides. A visit without a referrer that carries campaign
    parameters is not direct: it is `email` where they say so, else of the class of the engine,
    network or assistant that they name as their source, else `campaign`.
#}
{% macro referrer_class(
    recorded, url, host, page_host, campaign_channel, campaign_source, campaign
) -%}
    case
        when {{ url }} is null and {{ campaign_channel }} = 'email' then 'email'
        when {{ url }} is null and {{ campaign_source }}.referrer_class is not null
            then {{ campaign_source }}.referrer_class
        when {{ url }} is null and {{ campaign }} is not null then 'campaign'
        when {{ url }} is null then 'direct'
        when {{ recorded }} = 'internal' then 'internal'
        when {{ recorded }} in ('social', 'ai') then {{ recorded }}
        when {{ host }}.domain = {{ page_host }}.domain then 'internal'
        when {{ host }}.host_class is not null then {{ host }}.host_class
        when {{ recorded }} = 'search' then 'search'
        else coalesce({{ host }}.referrer_class, 'other')
    end
{%- endmacro %}


{# The name a referrer goes by: the engine, the network, the app, else its registrable domain. A
   visit without a referrer goes by what its campaign names first of source, medium and campaign;
   a direct one has no name. #}
{% macro referrer_name(
    recorded_class, recorded_domain, url, host, raw_host, campaign_source, campaign
) -%}
    case
        when {{ url }} is null
            then coalesce({{ campaign_source }}.referrer_name, lower({{ campaign }}))
        when {{ recorded_class }} = 'search' and {{ host }}.host_class is null
            then coalesce({{ recorded_domain }}, {{ host }}.referrer_name, {{ raw_host }})
        -- What a record calls the domain of an app is part of its name, and joins other apps to it.
        when {{ host }}.referrer_name is null and {{ raw_host }} like '%://%'
            then {{ without_match(raw_host, '^android-app://') }}
        else coalesce({{ host }}.referrer_name, {{ recorded_domain }}, {{ raw_host }})
    end
{%- endmacro %}


{# What a referrer is looked up by, as stg_hosts has it: the host of an address on the web; an app
   by scheme and id (`android-app://com.example`), or by a scheme of its own (`example://`). Null
   when no page and no app is named: what a browser opens by itself, files, texts that are no
   address. #}
{% macro referrer_place(url, host) -%}
    {%- set scheme = url_part(url, 'scheme') -%}
    {%- set opened_by_itself = [
        'about', 'blob', 'brave', 'chrome(-error|-native|-search|-untrusted)?', 'content', 'data',
        'devtools', 'edge', 'file', 'javascript', 'mailto', 'opera', 'res', 'resource',
        'view-source', 'vivaldi',
    ] | join('|') -%}
    case
        when {{ url }} like 'http://%' or {{ url }} like 'https://%' then {{ host }}
        when {{ matches(scheme, 'https?|ftp') }} then {{ host }}
        when {{ matches(scheme, opened_by_itself) }} then null
        when {{ matches(scheme, '([a-z0-9]+-)*(app|extension)') }}
            then {{ scheme }} || '://' || {{ host }}
        else {{ scheme }} || '://'
    end
{%- endmacro %}
