{# The bucket of a word count; null stays null. #}
{% macro word_count_bucket(column) -%}
    case
        when {{ column }} < 100 then '<100'
        when {{ column }} < 500 then '100-499'
        when {{ column }} < 1000 then '500-999'
        when {{ column }} < 2000 then '1000-1999'
        when {{ column }} < 3000 then '2000-2999'
        when {{ column }} < 4000 then '3000-3999'
        when {{ column }} >= 4000 then '>=4000'
    end
{%- endmacro %}
