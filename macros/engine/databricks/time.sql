{# `timestamp` is a time with a zone there. #}
{% macro databricks__type_timestamp() -%}
    timestamp_ntz
{%- endmacro %}


{# Databricks does not list its time zones, which are those of the IANA database. #}
{% macro databricks__time_zone_names() -%}
    select explode(array('{{ modules.pytz.all_timezones | join("', '") }}')) as name
{%- endmacro %}
