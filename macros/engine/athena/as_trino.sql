{#
    Athena runs Trino, but its adapter is not a kind of Trino's, so dbt would not fall back to these
    macros by itself. Each of them is Trino's.
#}

{% macro athena__json_text(column, key) -%}
    {{ return(readership.trino__json_text(column, key)) }}
{%- endmacro %}

{% macro athena__json_list_rows(column, relation_alias) -%}
    {{ return(readership.trino__json_list_rows(column, relation_alias)) }}
{%- endmacro %}

{% macro athena__as_json(expression, is_normalized) -%}
    {{ return(readership.trino__as_json(expression, is_normalized)) }}
{%- endmacro %}

{% macro athena__json_object(pairs) -%}
    {{ return(readership.trino__json_object(pairs)) }}
{%- endmacro %}

{% macro athena__json_string(expression) -%}
    {{ return(readership.trino__json_string(expression)) }}
{%- endmacro %}

{% macro athena__json_list_of(expression, order_by) -%}
    {{ return(readership.trino__json_list_of(expression, order_by)) }}
{%- endmacro %}

{% macro athena__json_list(column) -%}
    {{ return(readership.trino__json_list(column)) }}
{%- endmacro %}

{% macro athena__json_list_length(column, key) -%}
    {{ return(readership.trino__json_list_length(column, key)) }}
{%- endmacro %}


{% macro athena__marking_of_replaced_rows(files) -%}
    {{ return(readership.trino__marking_of_replaced_rows(files)) }}
{%- endmacro %}


{% macro athena__rounded(expression, decimals) -%}
    {{ return(readership.trino__rounded(expression, decimals)) }}
{%- endmacro %}

{% macro athena__double_to_text(column) -%}
    {{ return(readership.trino__double_to_text(column)) }}
{%- endmacro %}

{% macro athena__least_of(values) -%}
    {{ return(readership.trino__least_of(values)) }}
{%- endmacro %}

{% macro athena__greatest_of(values) -%}
    {{ return(readership.trino__greatest_of(values)) }}
{%- endmacro %}

{% macro athena__median_of(expression) -%}
    {{ return(readership.trino__median_of(expression)) }}
{%- endmacro %}


{% macro athena__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
    {{ return(readership.trino__get_delete_insert_merge_sql(
        target, source, unique_key, dest_columns, incremental_predicates
    )) }}
{%- endmacro %}


{% macro athena__matches(column, pattern) -%}
    {{ return(readership.trino__matches(column, pattern)) }}
{%- endmacro %}

{% macro athena__first_match(column, pattern) -%}
    {{ return(readership.trino__first_match(column, pattern)) }}
{%- endmacro %}

{% macro athena__without_match(column, pattern) -%}
    {{ return(readership.trino__without_match(column, pattern)) }}
{%- endmacro %}

{% macro athena__replaced_matches(column, pattern, replacement) -%}
    {{ return(readership.trino__replaced_matches(column, pattern, replacement)) }}
{%- endmacro %}

{% macro athena__trimmed(column) -%}
    {{ return(readership.trino__trimmed(column)) }}
{%- endmacro %}

{% macro athena__percent_decoded(expression) -%}
    {{ return(readership.trino__percent_decoded(expression)) }}
{%- endmacro %}

{% macro athena__query_parameter_rows(text, relation_alias) -%}
    {{ return(readership.trino__query_parameter_rows(text, relation_alias)) }}
{%- endmacro %}

{% macro athena__joined_texts(expression, separator, order_by) -%}
    {{ return(readership.trino__joined_texts(expression, separator, order_by)) }}
{%- endmacro %}

{% macro athena__text_bytes(expression) -%}
    {{ return(readership.trino__text_bytes(expression)) }}
{%- endmacro %}

{% macro athena__bytes_contain(bytes, searched) -%}
    {{ return(readership.trino__bytes_contain(bytes, searched)) }}
{%- endmacro %}


{% macro athena__type_timestamp() -%}
    {{ return(readership.trino__type_timestamp()) }}
{%- endmacro %}

{% macro athena__microseconds_to_timestamp(number) -%}
    {{ return(readership.trino__microseconds_to_timestamp(number)) }}
{%- endmacro %}

{% macro athena__valid_timestamp(column, has_zone) -%}
    {{ return(readership.trino__valid_timestamp(column, has_zone)) }}
{%- endmacro %}

{% macro athena__at_time_zone(column, time_zone) -%}
    {{ return(readership.trino__at_time_zone(column, time_zone)) }}
{%- endmacro %}

{% macro athena__from_time_zone(wall_time, time_zone) -%}
    {{ return(readership.trino__from_time_zone(wall_time, time_zone)) }}
{%- endmacro %}

{% macro athena__at_utc(column) -%}
    {{ return(readership.trino__at_utc(column)) }}
{%- endmacro %}

{% macro athena__seconds_between(start_at, end_at) -%}
    {{ return(readership.trino__seconds_between(start_at, end_at)) }}
{%- endmacro %}

{% macro athena__plus_seconds(column, seconds) -%}
    {{ return(readership.trino__plus_seconds(column, seconds)) }}
{%- endmacro %}

{% macro athena__plus_microseconds(column, microseconds) -%}
    {{ return(readership.trino__plus_microseconds(column, microseconds)) }}
{%- endmacro %}

{% macro athena__timestamp_to_text(column) -%}
    {{ return(readership.trino__timestamp_to_text(column)) }}
{%- endmacro %}

{% macro athena__timestamp_in_key(column) -%}
    {{ return(readership.trino__timestamp_in_key(column)) }}
{%- endmacro %}

{% macro athena__dates_between(first_date, last_date, column, relation) -%}
    {{ return(readership.trino__dates_between(first_date, last_date, column, relation)) }}
{%- endmacro %}

{% macro athena__time_zone_names() -%}
    {{ return(readership.trino__time_zone_names()) }}
{%- endmacro %}

{% macro athena__datediff(first_date, second_date, datepart) -%}
    {{ return(readership.trino__datediff(first_date, second_date, datepart)) }}
{%- endmacro %}



{% macro athena__type_double() -%}
    {{ return(readership.trino__type_double()) }}
{%- endmacro %}

{% macro athena__md5_text(expression) -%}
    {{ return(readership.trino__md5_text(expression)) }}
{%- endmacro %}

{% macro athena__key_of_hash(hash) -%}
    {{ return(readership.trino__key_of_hash(hash)) }}
{%- endmacro %}


{% macro athena__materialization_of_wide_view() -%}
    {{ return(readership.trino__materialization_of_wide_view()) }}
{%- endmacro %}


{% macro athena__words_of(column, relation_alias, unspaced, parts, is_query) -%}
    {{ return(readership.trino__words_of(column, relation_alias, unspaced, parts, is_query)) }}
{%- endmacro %}

{% macro athena__all_matches(column, pattern) -%}
    {{ return(readership.trino__all_matches(column, pattern)) }}
{%- endmacro %}

{% macro athena__nfc_normalized(column) -%}
    {{ return(readership.trino__nfc_normalized(column)) }}
{%- endmacro %}

{% macro athena__without_marks(column) -%}
    {{ return(readership.trino__without_marks(column)) }}
{%- endmacro %}
