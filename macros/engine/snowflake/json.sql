{#
    JSON on Snowflake is text that is parsed where it is read. A parsed object has its keys sorted, and
    of a repeated key the last value.

    as_json() puts a mark before an expression, by which json_object() embeds it; any other value is
    written by its type.
#}

{% macro snowflake__json_value_of(column) -%}
    try_parse_json({{ column }}, 'd')
{%- endmacro %}


{% macro snowflake__json_text(column, key) -%}
    {{ readership.snowflake__json_scalar_text(
        'get(' ~ readership.snowflake__json_value_of(column) ~ ", '" ~ key ~ "')"
    ) }}
{%- endmacro %}


{% macro snowflake__json_list_rows(column, relation_alias) -%}
    {%- set value = readership.snowflake__json_value_of(column) -%}
    lateral (
        select
            items.index + 1 as position,
            {{ readership.snowflake__json_scalar_text('items.value') }} as element
        from
            table(flatten(
                input => case when typeof({{ value }}) = 'ARRAY' then {{ value }} end
            )) as items
    ) as {{ relation_alias }}
{%- endmacro %}


{% macro snowflake__json_mark() -%}
    {{ return('/* json */ ') }}
{%- endmacro %}


{% macro snowflake__as_json(expression, is_normalized) -%}
    {%- set mark = readership.snowflake__json_mark() -%}
    {%- if is_normalized -%}
    {{ return(mark ~ expression) }}
    {%- endif -%}
    {{ return(mark ~ 'to_json(parse_json(' ~ expression ~ '))') }}
{%- endmacro %}


{% macro snowflake__json_object(pairs) -%}
    '{'
    {%- for key, expression in pairs %}
    || '{{ "," if not loop.first }}"{{ key }}":'
    || {{ readership.snowflake__json_value(expression) }}
    {%- endfor %}
    || '}'
{%- endmacro %}


{% macro snowflake__json_value(expression) -%}
    {%- set mark = readership.snowflake__json_mark() -%}
    {%- set value = 'to_variant(' ~ expression ~ ')' -%}
    {%- if expression.startswith(mark) -%}
    coalesce({{ expression[mark | length:] }}, 'null')
    {%- else -%}
    case
        when typeof({{ value }}) = 'DOUBLE'
            then {{ readership.snowflake__json_float('cast(' ~ value ~ ' as varchar)') }}
        else coalesce(to_json({{ value }}), 'null')
    end
    {%- endif -%}
{%- endmacro %}


{% macro snowflake__json_string(expression) -%}
    to_json(to_variant(cast({{ expression }} as varchar)))
{%- endmacro %}


{% macro snowflake__json_list_of(expression, order_by) -%}
    '[' || listagg({{ expression }}, ',') within group (order by {{ order_by }}) || ']'
{%- endmacro %}


{# Of a column as the loader stored it, which is a VARIANT. #}
{% macro snowflake__json_list(column) -%}
    case typeof({{ column }})
        when 'ARRAY' then to_json({{ column }})
        when 'VARCHAR' then '[' || to_json({{ column }}) || ']'
    end
{%- endmacro %}


{% macro snowflake__json_as_text(column) -%}
    to_json({{ column }})
{%- endmacro %}


{% macro snowflake__json_list_length(column, key) -%}
    {%- set value = 'get(' ~ readership.snowflake__json_value_of(column) ~ ", '" ~ key ~ "')" -%}
    case when typeof({{ value }}) = 'ARRAY' then array_size({{ value }}) end
{%- endmacro %}


{# A parsed value as text: strings without quotes, numbers but integers as 64-bit floats. #}
{% macro snowflake__json_scalar_text(value) -%}
    case
        when typeof({{ value }}) = 'NULL_VALUE' then null
        when typeof({{ value }}) in ('DECIMAL', 'DOUBLE')
            then {{ readership.snowflake__json_float(
                'cast(cast(' ~ value ~ ' as double) as varchar)'
            ) }}
        else cast({{ value }} as varchar)
    end
{%- endmacro %}


{# The text of a floating-point number as JavaScript writes it, but always with a point or an
   exponent. #}
{% macro snowflake__json_float(text) -%}
    case
        when position('e' in {{ text }}) = 0 and position('.' in {{ text }}) > 0 then {{ text }}
        when position('e' in {{ text }}) = 0 then {{ text }} || '.0'
        when regexp_like({{ text }}, '[^e]*e-0[56]')
            then rtrim(cast(cast({{ text }} as decimal(38, 30)) as varchar), '0')
        when regexp_like({{ text }}, '[^e]*e[+](1[5-9]|20)')
            then cast(cast({{ text }} as decimal(38, 0)) as varchar) || '.0'
        else regexp_replace({{ text }}, 'e[+]?(-?)0*', 'e\\1')
    end
{%- endmacro %}
