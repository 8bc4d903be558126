{# The referrer types for which an analytics API has endpoints. #}
{% macro referrer_type(referrer_class) -%}
    case
        when {{ referrer_class }} in ('social', 'search', 'internal', 'ai') then {{ referrer_class }}
        else 'other'
    end
{%- endmacro %}
