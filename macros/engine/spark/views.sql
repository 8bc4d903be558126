{# The plan of api_responses would have those of thirty exports. As a table, it is stored by the
   branches of its union (steps.sql). #}
{% macro spark__materialization_of_wide_view() -%}
    {{ return('table') }}
{%- endmacro %}
