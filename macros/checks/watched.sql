{# The date of a site (a row of dim_sites) after which the operations tables are watched: of the
   days up to its present, the last watch_days. #}
{% macro watched_since(sites) -%}
    cast(
        {{ dbt.dateadd(
            'day',
            -var('watch_days'),
            'cast(' ~ at_time_zone(sites ~ '.as_of_at', sites ~ '.time_zone') ~ ' as date)'
        ) }} as date
    )
{%- endmacro %}
