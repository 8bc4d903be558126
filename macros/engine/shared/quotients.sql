{# A non-negative floating-point number rounded to an integer, half up. #}
{% macro round_to_integer(expression) -%}
    cast(floor({{ expression }} + 0.5) as bigint)
{%- endmacro %}


{# The quotient of two numbers as a 64-bit float; null for a divisor of 0. #}
{% macro quotient(numerator, denominator) -%}
    cast({{ numerator }} as {{ readership.type_double() }})
    / nullif(cast({{ denominator }} as {{ readership.type_double() }}), 0)
{%- endmacro %}


{# A quotient to three decimals; 0 when the divisor is 0. #}
{% macro ratio(numerator, denominator) -%}
    {{ readership.rounded('coalesce(' ~ readership.quotient(numerator, denominator) ~ ', 0)', 3) }}
{%- endmacro %}


{# One half to the power of a number: 1 for 0, practically 0 from 1000 on. #}
{% macro half_life_decay(times) -%}
    power(
        cast(0.5 as {{ readership.type_double() }}),
        {{ readership.least_of(['cast(' ~ times ~ ' as ' ~ readership.type_double() ~ ')', 1000]) }}
    )
{%- endmacro %}
