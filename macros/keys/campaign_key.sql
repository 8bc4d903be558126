{# The key of the campaign in a relation's row, from site and all five slots; null when every
   slot is empty. #}
{% macro campaign_key(relation) -%}
    {%- set slots = [] -%}
    {%- for slot in [
        'campaign', 'campaign_medium', 'campaign_source', 'campaign_content', 'campaign_term'
    ] -%}
        {%- do slots.append(relation ~ '.' ~ slot) -%}
    {%- endfor -%}
    case
        when coalesce({{ slots | join(', ') }}) is not null
            then {{ surrogate_key([relation ~ '.site_id'] + slots) }}
    end
{%- endmacro %}
