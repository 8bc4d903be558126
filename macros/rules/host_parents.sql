{#
    The entries of a host list that may apply to the hosts of a relation: the host itself, its
    parent domains, and for each the entry for all countries, such as `google.*` for google.co.uk.
    To select from: one row per host and candidate entry. labels_cut is the number of labels of the
    host that the entry leaves out, so the smallest is the closest match.
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


{# Whether an entry of the list applies to a host in its domain. A name with a single label is
   not a domain. The domain of a search engine also has other services (mail, documents), so its
   entry applies only to the engine's own hosts. #}
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


{# Normalized name, for comparing campaign sources with the referrer list: `Hacker_News` matches
   `hacker news`. #}
{% macro normalized_name(column) -%}
    replace(replace(replace(replace(lower({{ column }}), ' ', ''), '_', ''), '-', ''), '+', '')
{%- endmacro %}


{# The host in a campaign's source, if it is one: `chatgpt.com`, `https://x.com/`. #}
{% macro campaign_source_host(column) -%}
    lower({{ first_match(column, '^(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/?#:]+)') }})
{%- endmacro %}
