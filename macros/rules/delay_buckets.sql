{# How late something came, in named steps: the name and the seconds below which it holds. What
   comes before its time is `ahead`: clocks differ. #}
{% macro delay_buckets() -%}
    {{ return([
        ('ahead', 0),
        ('under_1_minute', 60),
        ('under_1_hour', 3600),
        ('under_1_day', 86400),
        ('under_3_days', 3 * 86400),
        ('under_7_days', 7 * 86400),
        ('under_30_days', 30 * 86400),
        ('30_days_and_more', none),
    ]) }}
{%- endmacro %}


{% macro delay_bucket(seconds) -%}
    case
        {%- for name, below in delay_buckets() %}
        {% if below is none %}else '{{ name }}'{% else %}when {{ seconds }} < {{ below }} then '{{ name }}'{% endif %}
        {%- endfor %}
    end
{%- endmacro %}


{# The place of a step in that order, from 0. #}
{% macro delay_bucket_order(column) -%}
    case {{ column }}
        {%- for name, below in delay_buckets() %}
        when '{{ name }}' then {{ loop.index0 }}
        {%- endfor %}
    end
{%- endmacro %}
