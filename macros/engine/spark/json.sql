{#
    JSON on Spark is text. A value does not know whether it is JSON: as_json() puts a mark before the
    expression, by which json_object() embeds it; any other value is written by its type.
#}

{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$[\'{{ key }}\']')
{%- endmacro %}


{% macro spark__json_list_rows(column, relation_alias) -%}
    lateral inline(transform(
        from_json(
            case when get_json_object({{ column }}, '$') is not null and {{ column }} rlike r'\A\s*\[' then {{ column }} end,
            'array<string>'
        ),
        (element, place) -> named_struct('position', place + 1, 'element', element)
    )) as {{ relation_alias }} (position, element)
{%- endmacro %}


{% macro spark__json_mark() -%}
    {{ return('/* json */ ') }}
{%- endmacro %}


{% macro spark__as_json(expression, is_normalized) -%}
    {%- set mark = readership.spark__json_mark() -%}
    {%- if is_normalized -%}
    {{ return(mark ~ expression) }}
    {%- endif -%}
    {{ return(mark ~ "get_json_object(" ~ expression ~ ", '$')") }}
{%- endmacro %}


{% macro spark__json_object(pairs) -%}
    '{'
    {%- for key, expression in pairs %}
    || '{{ "," if not loop.first }}"{{ key }}":' || {{ readership.spark__json_value(expression) }}
    {%- endfor %}
    || '}'
{%- endmacro %}


{# A list of one value is JSON of any type, and null where the value is. Only floating-point numbers
   are written otherwise. The value is named in `transform`, because an answer has hundreds. #}
{% macro spark__json_value(expression) -%}
    {%- set mark = readership.spark__json_mark() -%}
    {%- if expression.startswith(mark) -%}
    coalesce({{ expression[mark | length:] }}, 'null')
    {%- else -%}
    transform(
        array(regexp_replace(to_json(array({{ expression }})), r'\A\[|\]\z', '')),
        j -> case when j rlike r'\A-?[0-9.]+E' then {{ readership.spark__json_float('j') }} else j end
    )[0]
    {%- endif -%}
{%- endmacro %}


{% macro spark__json_string(expression) -%}
    {%- set object = "to_json(named_struct('v', " ~ expression ~ "))" -%}
    case
        when {{ expression }} is not null
            then substring({{ object }}, 6, length({{ object }}) - 6)
    end
{%- endmacro %}


{% macro spark__json_list_of(expression, order_by) -%}
    '[' || coalesce({{ readership.joined_texts(expression, ',', order_by) }}, '') || ']'
{%- endmacro %}


{% macro spark__json_list(column) -%}
    case
        when get_json_object({{ column }}, '$') is null then null
        when {{ column }} rlike r'\A\s*\[' then {{ column }}
        when {{ column }} rlike r'\A\s*"' then '[' || {{ column }} || ']'
    end
{%- endmacro %}


{% macro spark__json_list_length(column, key) -%}
    json_array_length({{ readership.spark__json_text(column, key) }})
{%- endmacro %}


{# The text of a floating-point number as JavaScript writes it, but always with a point or an
   exponent, from Spark's, which has an exponent from 1e7 on and below 1e-3. #}
{% macro spark__json_float(text) -%}
    case
        when {{ text }} not like '%E%' then {{ text }}
        when {{ text }} rlike 'E(7|8|9|1[0-9]|20)$'
            then regexp_replace(
                regexp_replace(cast(cast({{ text }} as decimal(38, 12)) as string), '0+$', ''),
                r'[.]$', '.0'
            )
        when {{ text }} rlike 'E-[456]$'
            then regexp_replace(cast(cast({{ text }} as decimal(38, 30)) as string), '0+$', '')
        else replace(replace({{ text }}, '.0E', 'E'), 'E', 'e')
    end
{%- endmacro %}
