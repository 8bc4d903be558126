{# What engines do differently where events are read from a table of another make. #}

{# dbt reads the text of a model that is not enabled too. Where it is, problem_of_table() refuses other
   engines than these. #}
{% macro not_on_this_engine(column) -%}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error("No table of events is read on " ~ target.type ~ " yet.") }}
    {%- endif -%}
    {{ return(column) }}
{%- endmacro %}


{# A non-negative number from the first 60 bits of a hash in hexadecimal digits. #}
{% macro number_of_hash(hash) -%}
    {{ return(adapter.dispatch('number_of_hash', 'readership')(hash)) }}
{%- endmacro %}

{% macro default__number_of_hash(hash) -%}
    {{ return(readership.not_on_this_engine(hash)) }}
{%- endmacro %}

{% macro duckdb__number_of_hash(hash) -%}
    cast('0x' || substr({{ hash }}, 1, 15) as bigint)
{%- endmacro %}

{% macro postgres__number_of_hash(hash) -%}
    cast(cast('x' || substr({{ hash }}, 1, 15) as bit(60)) as bigint)
{%- endmacro %}


{# Whole milliseconds from 1970 to a UTC timestamp. #}
{% macro milliseconds_of(column) -%}
    {{ return(adapter.dispatch('milliseconds_of', 'readership')(column)) }}
{%- endmacro %}

{% macro default__milliseconds_of(column) -%}
    {{ return(readership.not_on_this_engine(column)) }}
{%- endmacro %}

{% macro duckdb__milliseconds_of(column) -%}
    epoch_ms({{ column }})
{%- endmacro %}

{% macro postgres__milliseconds_of(column) -%}
    cast(floor(extract(epoch from {{ column }}) * 1000) as bigint)
{%- endmacro %}


{# A UTC timestamp as the type in which the loader stores times, which at_utc() reads. #}
{% macro from_utc(column) -%}
    {{ return(adapter.dispatch('from_utc', 'readership')(column)) }}
{%- endmacro %}

{% macro default__from_utc(column) -%}
    {{ column }} at time zone 'UTC'
{%- endmacro %}


{# Whether a text is JSON. #}
{% macro is_json(column) -%}
    {{ return(adapter.dispatch('is_json', 'readership')(column)) }}
{%- endmacro %}

{% macro default__is_json(column) -%}
    {{ return(readership.not_on_this_engine(column)) }}
{%- endmacro %}

{% macro duckdb__is_json(column) -%}
    json_valid({{ column }})
{%- endmacro %}

{% macro postgres__is_json(column) -%}
    pg_input_is_valid({{ column }}, 'json')
{%- endmacro %}


{# A list in a column of a list type as the text of a JSON list, in the form of the loader. #}
{% macro json_of_list(column) -%}
    {{ return(adapter.dispatch('json_of_list', 'readership')(column)) }}
{%- endmacro %}

{% macro default__json_of_list(column) -%}
    {{ return(readership.not_on_this_engine(column)) }}
{%- endmacro %}

{% macro duckdb__json_of_list(column) -%}
    '[' || array_to_string(
        list_transform({{ column }}, lambda item: coalesce(cast(to_json(item) as varchar), 'null')),
        ', '
    ) || ']'
{%- endmacro %}

{% macro postgres__json_of_list(column) -%}
    case
        when {{ column }} is not null
            then (
                select
                    '['
                    || coalesce(
                        string_agg(
                            coalesce(cast(to_json(items.item) as text), 'null'), ', '
                            order by items.position
                        ),
                        ''
                    )
                    || ']'
                from unnest({{ column }}) with ordinality as items (item, position)
            )
    end
{%- endmacro %}


{# The text of a JSON list in the form of the loader, with a space after each comma; null for
   anything else. #}
{% macro spaced_json_list(column) -%}
    {{ return(adapter.dispatch('spaced_json_list', 'readership')(column)) }}
{%- endmacro %}

{% macro default__spaced_json_list(column) -%}
    {{ return(readership.not_on_this_engine(column)) }}
{%- endmacro %}

{% macro duckdb__spaced_json_list(column) -%}
    case
        when json_type(try_cast({{ column }} as json)) = 'ARRAY'
            then
                '[' || array_to_string(
                    cast(from_json(try_cast({{ column }} as json), '["JSON"]') as varchar[]), ', '
                ) || ']'
    end
{%- endmacro %}

{% macro postgres__spaced_json_list(column) -%}
    case
        when json_typeof({{ readership.postgres__valid_json(column) }}) = 'array'
            then (
                select
                    '['
                    || coalesce(
                        string_agg(
                            case
                                when json_typeof(items.item) = 'string'
                                    then cast(to_json(items.item #>> '{}') as text)
                                else cast(items.item as text)
                            end,
                            ', ' order by items.position
                        ),
                        ''
                    )
                    || ']'
                from json_array_elements({{ readership.postgres__json_of_kind(column, 'array') }})
                    with ordinality as items (item, position)
            )
    end
{%- endmacro %}


{# JSON, or what can be written as JSON, as text. #}
{% macro json_of_value(column) -%}
    {{ return(adapter.dispatch('json_of_value', 'readership')(column)) }}
{%- endmacro %}

{% macro default__json_of_value(column) -%}
    cast(to_json({{ column }}) as {{ dbt.type_string() }})
{%- endmacro %}
