{# Whether a tag was made by a machine: it begins with one of machine_tag_prefixes, in whatever
   case. #}
{% macro is_machine_tag(tag) -%}
    (
        false
        {%- for prefix in var('machine_tag_prefixes') %}
        or substr(lower({{ tag }}), 1, {{ prefix | length }}) = '{{ prefix | lower }}'
        {%- endfor %}
    )
{%- endmacro %}
