{# Overrides dbt's series, which crosses a relation of two rows with itself many times. #}
{% macro spark__generate_series(upper_bound) -%}
    select explode(sequence(1, {{ upper_bound }})) as generated_number
{%- endmacro %}
