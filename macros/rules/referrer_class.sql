{#
    The class of a referrer, for both pages and sessions.

    A specific recorded class is used as it is. `other` is not specific. Trackers do not know
    aggregators and webmail, and confuse `search` and `ai`; in these cases the host decides. A visit
    without a referrer that carries campaign parameters is not direct: it is `email` when they
    indicate it, else the class of the engine, network or assistant named as campaign source, else
    `campaign`.
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


{# The name of a referrer: the engine, network or app, else the registrable domain. A visit
   without a referrer is named by its campaign, the first of source, medium and name. A direct visit
   has no name. #}
{% macro referrer_name(
    recorded_class, recorded_domain, url, host, raw_host, campaign_source, campaign
) -%}
    case
        when {{ url }} is null
            then coalesce({{ campaign_source }}.referrer_name, lower({{ campaign }}))
        when {{ recorded_class }} = 'search' and {{ host }}.host_class is null
            then coalesce({{ recorded_domain }}, {{ host }}.referrer_name, {{ raw_host }})
        -- The recorded domain of an app is only part of its name and would merge different apps.
        when {{ host }}.referrer_name is null and {{ raw_host }} like '%://%'
            then {{ without_match(raw_host, '^android-app://') }}
        else coalesce({{ host }}.referrer_name, {{ recorded_domain }}, {{ raw_host }})
    end
{%- endmacro %}


{# The lookup key of a referrer in stg_hosts: the host of a web address; an app by scheme and id
   (`android-app://com.example`), or by its own scheme (`example://`). Null when the text names
   neither a page nor an app: browser-internal pages, files, texts that are no URL. #}
{% macro referrer_lookup_key(url, host) -%}
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
