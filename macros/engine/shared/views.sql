{# How a view is kept that reads dozens of others. Its rows are stored where the engine plans all of
   them at once and cannot end it. #}
{% macro materialization_of_wide_view() -%}
    {{ return(adapter.dispatch('materialization_of_wide_view', 'readership')()) }}
{%- endmacro %}

{% macro default__materialization_of_wide_view() -%}
    {{ return('view') }}
{%- endmacro %}
