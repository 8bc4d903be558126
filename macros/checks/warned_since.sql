{# The date of a site (a row of dim_sites) after which the operations tables are monitored: the
   last warn_days days up to its as-of date. #}
{% macro warned_since(sites) -%}
    cast(
        {{ dbt.dateadd(
            'day',
            -var('warn_days'),
            'cast(' ~ at_time_zone(sites ~ '.as_of_at', sites ~ '.time_zone') ~ ' as date)'
        ) }} as date
    )
{%- endmacro %}
