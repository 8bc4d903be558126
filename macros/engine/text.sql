{# Whether a text matches a regular expression as a whole; null for null. #}
{% macro matches(column, pattern) -%}
    {{ return(adapter.dispatch('matches', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(column, pattern) -%}
    regexp_full_match({{ column }}, '{{ pattern }}')
{%- endmacro %}


{# The first group of the first match of a regular expression; null when nothing matches. #}
{% macro first_match(column, pattern) -%}
    {{ return(adapter.dispatch('first_match', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, '{{ pattern }}', 1), '')
{%- endmacro %}


{# A text without what a regular expression matches at its first place. #}
{% macro without_match(column, pattern) -%}
    {{ return(adapter.dispatch('without_match', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro default__without_match(column, pattern) -%}
    regexp_replace({{ column }}, '{{ pattern }}', '')
{%- endmacro %}


{# A text with surrounding white space cut off, null when nothing is left. #}
{% macro filled(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}


{# Rows of a URL query string: `from` clause item giving one row per parameter, columns
   `position` (1-based), `parameter` and `parameter_value` (percent-decoded where that gives UTF-8). #}
{% macro query_parameter_rows(column, relation_alias) -%}
    {{ return(adapter.dispatch('query_parameter_rows', 'readership')(column, relation_alias)) }}
{%- endmacro %}

{% macro duckdb__query_parameter_rows(column, relation_alias) -%}
    lateral (
        select
            position,
            split_part(pair, '=', 1) as parameter,
            coalesce(try(url_decode(encoded)), encoded) as parameter_value
        from (
            select
                position,
                pair,
                replace(substr(pair, length(split_part(pair, '=', 1)) + 2), '+', ' ') as encoded
            from (
                select
                    generate_subscripts(pairs, 1) as position,
                    unnest(pairs) as pair
                from (select string_split({{ column }}, '&') as pairs)
            )
        )
    ) as {{ relation_alias }}
{%- endmacro %}


{# The texts of a group joined into one, in the given order. #}
{% macro joined_texts(expression, separator, order_by) -%}
    {{ return(adapter.dispatch('joined_texts', 'readership')(expression, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(expression, separator, order_by) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}
