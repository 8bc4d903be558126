{# The present time in UTC by the clock of the engine. Models take time from the data; see
   test_no_model_reads_the_clock. #}
{% macro time_of_engine() -%}
    {{ return(adapter.dispatch('time_of_engine', 'readership')()) }}
{%- endmacro %}

{% macro default__time_of_engine() -%}
    cast(current_timestamp at time zone 'UTC' as timestamp)
{%- endmacro %}
