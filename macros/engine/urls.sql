{# One part of a URL: scheme, netloc (host and port), host (lower case, no port), web_host (the host
   of an address on the web, which the loader has described), path, query, fragment. Null when the
   URL has no such part. Built on first_match(), so no engine of its own. #}
{% macro url_part(column, part) -%}
    {%- set host = '(?:[^/?#@]*@)?([[][^]]*[]]|[^/?#:[][^/?#:]*|[[][^]/?#:]*)?' -%}
    {%- if part == 'scheme' -%}
        lower({{ readership.first_match(column, '^([A-Za-z][A-Za-z0-9+.-]*)://') }})
    {%- elif part == 'netloc' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)') }}
    {%- elif part == 'host' -%}
        lower({{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://' ~ host) }})
    {%- elif part == 'web_host' -%}
        lower({{ readership.first_match(column, '^(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp])://' ~ host) }})
    {%- elif part == 'path' -%}
        {{ readership.first_match(column, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/[^?#]*)') }}
    {%- elif part == 'query' -%}
        {{ readership.first_match(column, '^[^?#]*[?]([^#]*)') }}
    {%- elif part == 'fragment' -%}
        {{ readership.first_match(column, '^[^#]*#([^\\n]*)$') }}
    {%- elif part == 'clean' -%}
        {{ readership.first_match(column, '^([A-Za-z][A-Za-z0-9+.-]*://[^?#]*)') }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("url_part: no part named '" ~ part ~ "'") }}
    {%- endif -%}
{%- endmacro %}


{# An address with its scheme, where only that is missing: `//example.com/a`, `example.com/a`. Most
   have one, and to look is cheap. #}
{% macro completed_address(column) -%}
    case
        when {{ column }} like 'http://%' or {{ column }} like 'https://%' then {{ column }}
        else regexp_replace(
            regexp_replace({{ column }}, '^//', 'https://'),
            '^((?:[A-Za-z0-9_-]+[.])+[A-Za-z][A-Za-z0-9-]+(?::[0-9]+)?)([/?#]|$)',
            'https://\1\2'
        )
    end
{%- endmacro %}


{# The form in which the addresses of one page meet: host in lower case without `www.`, path
   without a closing slash; no scheme, query or fragment. #}
{% macro page_address(column) -%}
    {%- set host = readership.url_part(column, 'host') -%}
    case when {{ host }} like 'www.%' then substr({{ host }}, 5) else {{ host }} end
    || coalesce(rtrim({{ readership.url_part(column, 'path') }}, '/'), '')
{%- endmacro %}


{# A page address without the marks of an AMP page: the host `amp.`, `/amp` as the first or last part
   of the path, `.amp` at its end or before `.html`. A page that is no AMP page may be called so
   too, so this is for pages that say they are AMP pages. #}
{% macro plain_address(column) -%}
    {%- set host = readership.first_match(column, '^([^/]*)') -%}
    {%- set path = readership.first_match(column, '^[^/]*(/[^\\n]*)$') -%}
    {%- set path = readership.without_match(path, '/amp$') -%}
    {%- set path = "'/' || " ~ readership.without_match(path, '^/(amp/)?') -%}
    {{ readership.without_match(host, '^amp[.]') }}
    || coalesce(
        nullif({{ readership.without_match(path, '([.]amp)?([.]html)?/*$') }}, '/')
        || coalesce({{ readership.first_match(column, '([.]html)$') }}, ''),
        ''
    )
{%- endmacro %}
