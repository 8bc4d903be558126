{#
    JSON on BigQuery is text that is read where it is needed.

    as_json() puts a mark before an expression, by which json_object() embeds it; any other value is
    written by its type.
#}

{% macro bigquery__json_text(column, key) -%}
    {%- set path = "'$.\"" ~ key ~ "\"'" -%}
    coalesce(
        json_value(to_json_string(safe.parse_json({{ column }})), {{ path }}),
        nullif(json_query(to_json_string(safe.parse_json({{ column }})), {{ path }}), 'null')
    )
{%- endmacro %}


{% macro bigquery__json_list_rows(column, relation_alias) -%}
    unnest(array(
        select as struct
            place + 1 as position,
            coalesce(json_value(item, '$'), nullif(json_query(item, '$'), 'null')) as element
        from
            unnest(json_query_array(to_json_string(safe.parse_json({{ column }})), '$')) as item
            with offset as place
    )) as {{ relation_alias }}
{%- endmacro %}


{% macro bigquery__json_mark() -%}
    {{ return('/* json */ ') }}
{%- endmacro %}


{% macro bigquery__as_json(expression, is_normalized) -%}
    {%- set mark = readership.bigquery__json_mark() -%}
    {%- if is_normalized -%}
    {{ return(mark ~ expression) }}
    {%- endif -%}
    {{ return(mark ~ 'to_json_string(safe.parse_json(' ~ expression ~ '))') }}
{%- endmacro %}


{% macro bigquery__json_object(pairs) -%}
    '{'
    {%- for key, expression in pairs %}
    || '{{ "," if not loop.first }}"{{ key }}":'
    || {{ readership.bigquery__json_value(expression) }}
    {%- endfor %}
    || '}'
{%- endmacro %}


{% macro bigquery__json_value(expression) -%}
    {%- set mark = readership.bigquery__json_mark() -%}
    {%- if expression.startswith(mark) -%}
    coalesce({{ expression[mark | length:] }}, 'null')
    {%- else -%}
    to_json_string({{ expression }})
    {%- endif -%}
{%- endmacro %}


{% macro bigquery__json_string(expression) -%}
    case when {{ expression }} is not null then to_json_string({{ expression }}) end
{%- endmacro %}


{# Of a column as the loader stored it, which has the type JSON. #}
{% macro bigquery__json_list(column) -%}
    case json_type({{ column }})
        when 'array' then to_json_string({{ column }})
        when 'string' then '[' || to_json_string({{ column }}) || ']'
    end
{%- endmacro %}


{% macro bigquery__json_as_text(column) -%}
    case when {{ column }} is not null then to_json_string({{ column }}) end
{%- endmacro %}


{% macro bigquery__json_list_length(column, key) -%}
    array_length(json_query_array(
        to_json_string(safe.parse_json({{ column }})), '$."{{ key }}"'
    ))
{%- endmacro %}
