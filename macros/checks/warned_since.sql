{# The date of a site (a row of dim_sites) after which the operations tables are watched: of the
   days up to its present, the last warn_days. #}
{% macro warned_since(sites) -%}
    cast(
        {{ dbt.dateadd(
            'day',
            -var('warn_days'),
            'cast(' ~ at_time_zone(sites ~ '.as_of_at', sites ~ '.time_zone') ~ ' as date)'
        ) }} as date
    )
{%- endmacro %}
