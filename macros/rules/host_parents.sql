{#
    The lines of a list of hosts that hold for the hosts of a relation: the host's own, those of the
    domains that it lies in, and, for each, that of its family in all countries, `google.*` for
    google.co.uk. To select from: a row per host and line that there might be; labels_cut says how
    many labels of the host the line leaves out, so the least is the nearest.
#}
{% macro host_parents(relation, host) -%}
    (
        {%- for labels_cut in range(6) %}
        {%- set parent = without_match(host, '^(?:[^.]*[.]){' ~ labels_cut ~ '}') %}
        {%- set family = without_match(parent, '(?:[.]com?)?[.][a-z]{2,3}$') ~ " || '.*'" %}
        {%- if not loop.first %}
        union all
        {%- endif %}
        {%- for listed_as in [parent, family] %}
        select
            {{ host }} as host,
            {{ parent }} as parent,
            {{ listed_as }} as listed_as,
            {{ labels_cut }} as labels_cut
        from {{ relation }} as places
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}


{# Whether a line of the list holds for a host that lies in its domain. A name of one label is no
   domain. An engine's domain has other services too (mail, documents), so its line holds for the
   engine's own hosts alone. #}
{% macro holds_for_host(referrer_class, parents, domain='null') -%}
    (
        {{ parents }}.labels_cut = 0
        or (
            {{ parents }}.listed_as like '%.%'
            and (
                {{ referrer_class }} <> 'search'
                or {{ parents }}.parent <> {{ domain }}
                or (
                    {{ parents }}.labels_cut = 1
                    and {{ matches(
                        parents ~ '.host', '(?:www|m|mobile|lite|html|images)[.][^\\n]*'
                    ) }}
                )
            )
        )
    )
{%- endmacro %}


{# A name as campaigns and the list of referrers may both write it: `Hacker_News`, `hacker news`. #}
{% macro plain_name(column) -%}
    replace(replace(replace(replace(lower({{ column }}), ' ', ''), '_', ''), '-', ''), '+', '')
{%- endmacro %}


{# The host that the source of a campaign is, if it is one: `chatgpt.com`, `https://x.com/`. #}
{% macro campaign_source_host(column) -%}
    lower({{ first_match(column, '^(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/?#:]+)') }})
{%- endmacro %}
