{% macro of_two(function, values) -%}
    {%- if values | length != 2 -%}
        {{ exceptions.raise_compiler_error(function ~ ": of two values, not " ~ values | length) }}
    {%- endif -%}
    coalesce({{ function }}({{ values[0] }}, {{ values[1] }}), {{ values[0] }}, {{ values[1] }})
{%- endmacro %}
