{# The delay buckets: name and upper limit in seconds, exclusive. What arrives before its own
   time is `ahead`, because clocks differ. #}
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


{# The position of a bucket in that order, from 0. #}
{% macro delay_bucket_order(column) -%}
    case {{ column }}
        {%- for name, below in delay_buckets() %}
        when '{{ name }}' then {{ loop.index0 }}
        {%- endfor %}
    end
{%- endmacro %}
