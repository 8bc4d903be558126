{# One part of a URL: scheme, netloc (host and port), host (lower case, no port), web_host (the
   host of a web address, which the loader has parsed), path, query, fragment. Null when the URL has
   no such part. Built on first_match(), so it needs no dispatch. #}
{% macro url_part(column, part) -%}
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
                then {{ readership.url_part(column, 'host') }}
            else
                lower({{ readership.first_match(column, '^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://' ~ host) }})
        end
    {%- elif part == 'path' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/[^?#]*)') }}
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


{# The page address: what the URLs of one page have in common, from a normalized URL
   (readership/normal/addresses.py). Host without `www.`, path without trailing slash, and the query parameters
   that identify a page; no scheme, no other parameters, no fragment. #}
{% macro page_address(column) -%}
    {%- set host = readership.url_part(column, 'host') -%}
    case when {{ host }} like 'www.%' then substr({{ host }}, 5) else {{ host }} end
    || coalesce(
        {{ readership.first_match(
            column, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*((?:/+[^/?#]+)*)'
        ) }},
        ''
    )
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
