{# One part of a URL: scheme, netloc (host and port), host (lower case, no port), web_host (the
   host of a web address, which the loader has parsed), path, bare_path (without slashes at its end),
   query, fragment, clean (without query and fragment). Null when the URL has no such part. #}
{% macro url_part(column, part) -%}
    {{ return(adapter.dispatch('url_part', 'readership')(column, part)) }}
{%- endmacro %}

{#- Few URLs have a query or a fragment, and most are web addresses; a comparison of text finds these
    for less than a regular expression. -#}
{% macro default__url_part(column, part) -%}
    {%- set host = '(?:[^/?#@]*@)?([[][^]]*[]]|[^/?#:[][^/?#:]*|[[][^]/?#:]*)?' -%}
    {%- if part == 'scheme' -%}
        lower({{ readership.first_match(column, '^([A-Za-z][A-Za-z0-9+.-]*)://') }})
    {%- elif part == 'netloc' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)') }}
    {%- elif part == 'host' -%}
        lower({{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://' ~ host) }})
    {%- elif part == 'web_host' -%}
        case
            when {{ column }} like 'http://%' or {{ column }} like 'https://%'
                then {{ readership.default__url_part(column, 'host') }}
            else
                lower({{ readership.first_match(column, '^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://' ~ host) }})
        end
    {%- elif part == 'path' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/[^?#]*)') }}
    {%- elif part == 'bare_path' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*((?:/+[^/?#]+)*)') }}
    {%- elif part == 'query' -%}
        case
            when {{ column }} like '%?%' then {{ readership.first_match(column, '^[^?#]*[?]([^#]*)') }}
        end
    {%- elif part == 'fragment' -%}
        case
            when {{ column }} like '%#%' then {{ readership.first_match(column, '^[^#]*#([^\\n]*)$') }}
        end
    {%- elif part == 'clean' -%}
        {{ readership.first_match(column, '^([A-Za-z][A-Za-z0-9+.-]*://[^?#]*)') }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("url_part: no part named '" ~ part ~ "'") }}
    {%- endif -%}
{%- endmacro %}


{# Each regular expression costs PostgreSQL as much as ten cuts of the text. Nearly all URLs are plain:
   in lower case, with neither user nor IPv6 address; others are matched. #}
{% macro postgres__url_part(column, part) -%}
    {%- set is_web = '(' ~ column ~ " like 'https://%' or " ~ column ~ " like 'http://%')" -%}
    {%- set has_plain_host =
        is_web ~ ' and position(\'@\' in ' ~ column ~ ') = 0 and position(\'[\' in ' ~ column ~ ') = 0'
    -%}
    {%- set clean = "split_part(split_part(" ~ column ~ ", '?', 1), '#', 1)" -%}
    {%- set netloc = "split_part(split_part(split_part(" ~ column ~ ", '/', 3), '?', 1), '#', 1)" -%}
    {%- set before_fragment = "split_part(" ~ column ~ ", '#', 1)" -%}
    {%- set path =
        'substr(' ~ clean ~ ", position('//' in " ~ column ~ ') + 2 + length(split_part(' ~ clean ~ ", '/', 3)))"
    -%}
    {%- set matched = readership.default__url_part(column, part) -%}
    case
        when {{ column }} is null then null
    {%- if part == 'scheme' %}
        when {{ column }} like 'https://%' then 'https'
        when {{ column }} like 'http://%' then 'http'
    {%- elif part == 'netloc' %}
        when {{ is_web }} then nullif({{ netloc }}, '')
    {%- elif part in ('host', 'web_host') %}
        when {{ has_plain_host }} then lower(nullif(split_part({{ netloc }}, ':', 1), ''))
    {%- elif part == 'path' %}
        when {{ is_web }} then nullif({{ path }}, '')
    {%- elif part == 'bare_path' %}
        when {{ is_web }} then nullif(rtrim({{ path }}, '/'), '')
    {%- elif part == 'query' %}
        when position('?' in {{ before_fragment }}) = 0 then null
        else nullif(substr(
            {{ before_fragment }}, position('?' in {{ before_fragment }}) + 1
        ), '')
    {%- elif part == 'fragment' %}
        when position('#' in {{ column }}) = 0 then null
    {%- elif part == 'clean' %}
        when {{ is_web }} then {{ clean }}
    {%- endif %}
    {%- if part != 'query' %}
        else {{ matched }}
    {%- endif %}
    end
{%- endmacro %}


{# The page address: what the URLs of one page have in common, from a normalized URL
   (readership/normal/addresses.py). Host without `www.`, path without trailing slash, and the query parameters
   that identify a page; no scheme, no other parameters, no fragment. `host` is that of the URL,
   where it is at hand. #}
{% macro page_address(column, host=none) -%}
    {%- set host = host or readership.url_part(column, 'host') -%}
    case when {{ host }} like 'www.%' then substr({{ host }}, 5) else {{ host }} end
    || coalesce({{ readership.url_part(column, 'bare_path') }}, '')
    || {{ readership.page_query(column) }}
{%- endmacro %}


{# The query parameters of a URL that identify a page, with a leading question mark; an empty
   text for none. #}
{% macro page_query(column) -%}
    case
        when {{ column }} like '%?%'
            then
                coalesce(
                    '?'
                    || substr(
                        nullif(
                            ''
                            {%- for parameter in var('page_query_parameters') %}
                            || coalesce(
                                '&{{ parameter }}='
                                || {{ readership.first_match(
                                    column,
                                    '^[^?#]*[?](?:[^#]*&)?' ~ (parameter | replace('.', '[.]'))
                                    ~ '=([^&#]+)'
                                ) }},
                                ''
                            )
                            {%- endfor %},
                            ''
                        ),
                        2
                    ),
                    ''
                )
        else ''
    end
{%- endmacro %}


{# Condition: the page address is the front page of a site. #}
{% macro is_front_page(page_address) -%}
    ({{ page_address }} not like '%/%' and {{ page_address }} not like '%?%')
{%- endmacro %}


{# A page address without AMP markers: an AMP cache host, the host `amp.`, `/amp` as the first or
   last path segment, `.amp` at the end of the path or before `.html`. Other pages may have such
   addresses too, so use this only for pages that declare themselves AMP pages. #}
{% macro address_without_amp(column) -%}
    {%- set cached = readership.first_match(
        column,
        '^(?:[^/?]*[.]cdn[.]ampproject[.]org/[a-z]/|google[.][a-z.]+/amp/)(?:s/)?([^\\n]*)$'
    ) -%}
    {%- set address = 'coalesce(' ~ cached ~ ', ' ~ column ~ ')' -%}
    {%- set host = readership.first_match(address, '^([^/?]*)') -%}
    {%- set path = readership.first_match(address, '^[^/?]*(/[^?\\n]*)') -%}
    {%- set query = readership.first_match(address, '^[^?]*([?][^\\n]*)$') -%}
    {%- set path = readership.without_match(path, '/amp$') -%}
    {%- set plain = readership.without_match(
        "'/' || " ~ readership.without_match(path, '^/(amp/)?'), '([.]amp)?([.]html)?/*$'
    ) -%}
    {{ readership.without_match(host, '^amp[.]') }}
    || coalesce(
        nullif({{ plain }}, '/') || coalesce({{ readership.first_match(path, '([.]html)$') }}, ''), ''
    )
    || coalesce({{ query }}, '')
{%- endmacro %}
