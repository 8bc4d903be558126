{# A whole number from a floating-point one that is no less than 0, halves up. #}
{% macro whole(expression) -%}
    cast(floor({{ expression }} + 0.5) as bigint)
{%- endmacro %}


{# A quotient of two numbers as a floating-point number of 64 bits; null for a divisor of 0. #}
{% macro quotient(numerator, denominator) -%}
    cast({{ numerator }} as {{ readership.type_double() }})
    / nullif(cast({{ denominator }} as {{ readership.type_double() }}), 0)
{%- endmacro %}


{# A quotient to three decimals; 0 where there is nothing to divide by. #}
{% macro ratio(numerator, denominator) -%}
    {{ readership.rounded('coalesce(' ~ readership.quotient(numerator, denominator) ~ ', 0)', 3) }}
{%- endmacro %}


{# One half to the power of a number, which is 1 for 0; as good as nothing from 1000 on. #}
{% macro halved(times) -%}
    power(
        cast(0.5 as {{ readership.type_double() }}),
        least(cast({{ times }} as {{ readership.type_double() }}), 1000)
    )
{%- endmacro %}
