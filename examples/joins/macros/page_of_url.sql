{# Host and path of a URL, in the one spelling that two systems can be compared by: without `www.`,
   trailing slash, query and fragment. A site whose pages differ by a parameter adds it here. #}
{% macro page_of_url(column) -%}
    {%- set host = readership.url_part(column, 'host') -%}
    case when {{ host }} like 'www.%' then substr({{ host }}, 5) else {{ host }} end
    || coalesce({{ readership.url_part(column, 'bare_path') }}, '')
{%- endmacro %}
