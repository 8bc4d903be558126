{# The text of one key of a JSON object kept as text; null when it is not there or the text is
   no JSON object. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text', 'readership')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, key) -%}
    json_extract_string(try_cast({{ column }} as json), '$."{{ key }}"')
{%- endmacro %}


{# Rows of a JSON list kept as text: `from` clause item giving one row per element, columns
   `position` (1-based) and `element` (text). #}
{% macro json_list_rows(column, relation_alias) -%}
    {{ return(adapter.dispatch('json_list_rows', 'readership')(column, relation_alias)) }}
{%- endmacro %}

{% macro duckdb__json_list_rows(column, relation_alias) -%}
    lateral (
        select
            generate_subscripts(elements, 1) as position,
            json_extract_string(unnest(elements), '$') as element
        from (
            select
                case
                    when json_type(try_cast({{ column }} as json)) = 'ARRAY'
                        then from_json(try_cast({{ column }} as json), '["JSON"]')
                end as elements
        )
    ) as {{ relation_alias }}
{%- endmacro %}


{# A JSON object as text, from pairs of a key and an expression, in the given order. #}
{% macro json_object(pairs) -%}
    {{ return(adapter.dispatch('json_object', 'readership')(pairs)) }}
{%- endmacro %}

{% macro duckdb__json_object(pairs) -%}
    cast(json_object(
        {%- for key, expression in pairs %}
        '{{ key }}', {{ expression }}{% if not loop.last %},{% endif %}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}


{# Text that already is JSON, marked so that json_object() embeds it instead of quoting it. #}
{% macro as_json(expression) -%}
    {{ return(adapter.dispatch('as_json', 'readership')(expression)) }}
{%- endmacro %}

{% macro duckdb__as_json(expression) -%}
    cast({{ expression }} as json)
{%- endmacro %}


{# A text as a JSON string. #}
{% macro json_string(expression) -%}
    {{ return(adapter.dispatch('json_string', 'readership')(expression)) }}
{%- endmacro %}

{% macro duckdb__json_string(expression) -%}
    cast(to_json({{ expression }}) as varchar)
{%- endmacro %}

{% macro postgres__json_string(expression) -%}
    cast(to_json(cast({{ expression }} as text)) as text)
{%- endmacro %}


{# A JSON list as text from the JSON texts of a group, in the given order. #}
{% macro json_list_of(expression, order_by) -%}
    {{ return(adapter.dispatch('json_list_of', 'readership')(expression, order_by)) }}
{%- endmacro %}

{% macro duckdb__json_list_of(expression, order_by) -%}
    '[' || coalesce(string_agg({{ expression }}, ',' order by {{ order_by }}), '') || ']'
{%- endmacro %}


{# A JSON list as text: a list as it is, a bare string as a list of one; null for anything else. #}
{% macro json_list(column) -%}
    {{ return(adapter.dispatch('json_list', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__json_list(column) -%}
    case json_type(try_cast({{ column }} as json))
        when 'ARRAY' then cast({{ column }} as varchar)
        when 'VARCHAR' then '[' || cast({{ column }} as varchar) || ']'
    end
{%- endmacro %}
