{# The periods that end at a site's as-of time, with their length in seconds. #}
{% macro periods_back() -%}
    {{ return([
        ('5m', 300), ('10m', 600), ('1h', 3600), ('4h', 14400), ('24h', 86400), ('3d', 259200),
        ('7d', 604800), ('30d', 2592000), ('90d', 7776000),
    ]) }}
{%- endmacro %}


{# The parameters of a call for a period, as the API reads them. #}
{% macro period_parameters(period, first_event_date, as_of_date) -%}
    {%- set text = dbt.type_string() -%}
    case {{ period }}
        when 'all' then 'period_start=' || cast({{ first_event_date }} as {{ text }})
        when 'today'
            then
                'period_start=' || cast({{ as_of_date }} as {{ text }})
                || '&period_end=' || cast({{ as_of_date }} as {{ text }})
        when 'yesterday'
            then
                'period_start=' || cast({{ readership.plus_days(as_of_date, -1) }} as {{ text }})
                || '&period_end=' || cast({{ readership.plus_days(as_of_date, -1) }} as {{ text }})
        else 'period_start=' || {{ period }}
    end
{%- endmacro %}


{# The periods of the real-time endpoints. #}
{% macro realtime_periods() -%}
    {{ return(['5m', '10m', '1h', '4h', '24h']) }}
{%- endmacro %}
