{# The types of referrers that an analytics API has endpoints for. #}
{% macro referrer_type(referrer_class) -%}
    case
        when {{ referrer_class }} in ('social', 'search', 'internal', 'ai') then {{ referrer_class }}
        else 'other'
    end
{%- endmacro %}
