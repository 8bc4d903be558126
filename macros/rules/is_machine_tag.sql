{# Condition: the tag is a machine tag. It starts with one of machine_tag_prefixes, ignoring
   case. #}
{% macro is_machine_tag(tag) -%}
    (
        false
        {%- for prefix in var('machine_tag_prefixes') %}
        or substr(lower({{ tag }}), 1, {{ prefix | length }}) = '{{ prefix | lower }}'
        {%- endfor %}
    )
{%- endmacro %}
