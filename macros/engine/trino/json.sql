{#
    JSON on Trino is text. A value does not know whether it is JSON: as_json() puts a mark before the
    expression, by which json_object() embeds it; any other value is written by its type.
#}

{# A path into the text of a JSON object; text that is no JSON gives null. #}
{% macro trino__json_path(key) -%}
    '$["{{ key }}"]'
{%- endmacro %}


{% macro trino__json_text(column, key) -%}
    {%- set path = readership.trino__json_path(key) -%}
    coalesce(
        json_extract_scalar({{ column }}, {{ path }}),
        nullif(json_format(json_extract({{ column }}, {{ path }})), 'null')
    )
{%- endmacro %}


{% macro trino__json_list_rows(column, relation_alias) -%}
    unnest(transform(
        try(cast(json_parse({{ column }}) as array(json))),
        item -> coalesce(json_extract_scalar(item, '$'), nullif(json_format(item), 'null'))
    )) with ordinality as {{ relation_alias }} (element, position)
{%- endmacro %}


{% macro trino__json_mark() -%}
    {{ return('/* json */ ') }}
{%- endmacro %}


{% macro trino__as_json(expression, is_normalized) -%}
    {%- set mark = readership.trino__json_mark() -%}
    {%- if is_normalized -%}
    {{ return(mark ~ expression) }}
    {%- endif -%}
    {{ return(mark ~ 'json_format(json_parse(' ~ expression ~ '))') }}
{%- endmacro %}


{% macro trino__json_object(pairs) -%}
    '{'
    {%- for key, expression in pairs %}
    || '{{ "," if not loop.first }}"{{ key }}":' || {{ readership.trino__json_value(expression) }}
    {%- endfor %}
    || '}'
{%- endmacro %}


{# The value is named in `transform`, because an answer has hundreds. #}
{% macro trino__json_value(expression) -%}
    {%- set mark = readership.trino__json_mark() -%}
    {%- if expression.startswith(mark) -%}
    coalesce({{ expression[mark | length:] }}, 'null')
    {%- else -%}
    element_at(transform(
        array[coalesce(json_format(cast({{ expression }} as json)), 'null')],
        j -> case
            when regexp_like(j, '\A-?[0-9.]+E') then {{ readership.trino__json_float('j') }} else j
        end
    ), 1)
    {%- endif -%}
{%- endmacro %}


{% macro trino__json_string(expression) -%}
    json_format(cast(cast({{ expression }} as varchar) as json))
{%- endmacro %}


{% macro trino__json_list_of(expression, order_by) -%}
    '[' || coalesce({{ readership.joined_texts(expression, ',', order_by) }}, '') || ']'
{%- endmacro %}


{% macro trino__json_list(column) -%}
    case
        when try(json_parse({{ column }})) is null then null
        when regexp_like({{ column }}, '\A\s*\[') then {{ column }}
        when regexp_like({{ column }}, '\A\s*"') then '[' || {{ column }} || ']'
    end
{%- endmacro %}


{% macro trino__json_list_length(column, key) -%}
    json_array_length(json_extract({{ column }}, {{ readership.trino__json_path(key) }}))
{%- endmacro %}


{# The text of a floating-point number as JavaScript writes it, but always with a point or an
   exponent, from Java's, which has an exponent from 1e7 on and below 1e-3. #}
{% macro trino__json_float(text) -%}
    case
        when strpos({{ text }}, 'E') = 0 then {{ text }}
        when regexp_like({{ text }}, 'E(7|8|9|1[0-9]|20)\z')
            then regexp_replace(
                regexp_replace(
                    cast(cast(cast({{ text }} as double) as decimal(38, 12)) as varchar), '0+\z', ''
                ),
                '[.]\z', '.0'
            )
        when regexp_like({{ text }}, 'E-[456]\z')
            then regexp_replace(
                cast(cast(cast({{ text }} as double) as decimal(38, 30)) as varchar), '0+\z', ''
            )
        else replace(replace({{ text }}, '.0E', 'E'), 'E', 'e')
    end
{%- endmacro %}
