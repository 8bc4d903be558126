{# The JSON text of a column as the loader stored it: engines have types of their own for JSON. #}
{% macro json_as_text(column) -%}
    {{ return(adapter.dispatch('json_as_text', 'readership')(column)) }}
{%- endmacro %}

{% macro default__json_as_text(column) -%}
    cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}


{# The text under a key of a JSON object stored as text, the first one if the key is repeated;
   null when the key is missing or the text is not a JSON object. Values other than strings and
   numbers are returned as JSON without spaces. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text', 'readership')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_text(column, key) -%}
    json_extract_string(try_cast({{ column }} as json), '$."{{ key }}"')
{%- endmacro %}

{% macro postgres__json_text(column, key) -%}
    {#- Most records have none of the requested keys, and this check is cheap. -#}
    case
        when position('"{{ key }}"' in {{ column }}) = 0 and position('\u' in {{ column }}) = 0
            then null
        else (
            select {{ readership.postgres__json_scalar_text('fields.value') }}
            from json_each({{ readership.postgres__json_of_kind(column, 'object') }})
                with ordinality as fields (key, value, position)
            where fields.key = '{{ key }}'
            order by fields.position
            limit 1
        )
    end
{%- endmacro %}


{# Elements of a JSON list stored as text: `from` clause item with one row per element, columns
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

{% macro postgres__json_list_rows(column, relation_alias) -%}
    lateral (
        select
            elements.position,
            {{ readership.postgres__json_scalar_text('elements.value') }} as element
        from json_array_elements({{ readership.postgres__json_of_kind(column, 'array') }})
            with ordinality as elements (value, position)
    ) as {{ relation_alias }}
{%- endmacro %}


{# A JSON object as text, from pairs of key and expression, in the given order. #}
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

{% macro postgres__json_object(pairs) -%}
    '{'
    {%- for key, expression in pairs %}
    || '{{ "," if not loop.first }}"{{ key }}":'
    || {{ readership.postgres__json_value(expression) }}
    {%- endfor %}
    || '}'
{%- endmacro %}


{# Marks text as JSON, so that json_object() embeds it instead of quoting it. It is normalized
   (no spaces), unless it is known to come from json_object() or json_list_of(). #}
{% macro as_json(expression, is_normalized=false) -%}
    {{ return(adapter.dispatch('as_json', 'readership')(expression, is_normalized)) }}
{%- endmacro %}

{% macro duckdb__as_json(expression, is_normalized) -%}
    cast({{ expression }} as json)
{%- endmacro %}

{# A mark before the expression, by which json_object() embeds it. Whether a value is JSON could be
   asked of it, but in an expression that names it five times, and so do those it is part of: the
   statement of api_responses was 21 MB. #}
{% macro postgres__as_json(expression, is_normalized) -%}
    {%- set mark = readership.postgres__json_mark() -%}
    {{ return(mark ~ (expression if is_normalized else readership.postgres__plain_json(expression))) }}
{%- endmacro %}

{% macro postgres__json_mark() -%}
    {{ return('/* json */ ') }}
{%- endmacro %}


{# A text as a JSON string. #}
{% macro json_string(expression) -%}
    {{ return(adapter.dispatch('json_string', 'readership')(expression)) }}
{%- endmacro %}

{% macro duckdb__json_string(expression) -%}
    cast(to_json({{ expression }}) as varchar)
{%- endmacro %}

{% macro postgres__json_string(expression) -%}
    {{ readership.postgres__capital_escapes(
        'cast(to_json(cast(' ~ expression ~ ' as text)) as text)'
    ) }}
{%- endmacro %}


{# A JSON list as text, from the JSON texts of a group in the given order. #}
{% macro json_list_of(expression, order_by) -%}
    {{ return(adapter.dispatch('json_list_of', 'readership')(expression, order_by)) }}
{%- endmacro %}

{% macro default__json_list_of(expression, order_by) -%}
    '[' || coalesce(string_agg({{ expression }}, ',' order by {{ order_by }}), '') || ']'
{%- endmacro %}


{# A JSON list as text: a list unchanged, a bare string as a list of one element; null for
   anything else. #}
{% macro json_list(column) -%}
    {{ return(adapter.dispatch('json_list', 'readership')(column)) }}
{%- endmacro %}

{% macro duckdb__json_list(column) -%}
    case json_type(try_cast({{ column }} as json))
        when 'ARRAY' then cast({{ column }} as varchar)
        when 'VARCHAR' then '[' || cast({{ column }} as varchar) || ']'
    end
{%- endmacro %}

{% macro postgres__json_list(column) -%}
    case json_typeof({{ readership.postgres__valid_json('cast(' ~ column ~ ' as text)') }})
        when 'array' then cast({{ column }} as text)
        when 'string' then '[' || cast({{ column }} as text) || ']'
    end
{%- endmacro %}


{# The number of elements of the list under a key of a JSON object stored as text; null when it
   is not a list. #}
{% macro json_list_length(column, key) -%}
    {{ return(adapter.dispatch('json_list_length', 'readership')(column, key)) }}
{%- endmacro %}

{% macro duckdb__json_list_length(column, key) -%}
    case
        when json_type(try_cast({{ column }} as json), '$."{{ key }}"') = 'ARRAY'
            then json_array_length(try_cast({{ column }} as json), '$."{{ key }}"')
    end
{%- endmacro %}

{% macro postgres__json_list_length(column, key) -%}
    (
        select case when json_typeof(fields.value) = 'array' then json_array_length(fields.value) end
        from json_each({{ readership.postgres__json_of_kind(column, 'object') }}) as fields
        where fields.key = '{{ key }}'
        limit 1
    )
{%- endmacro %}


{# ---------- PostgreSQL helpers #}

{# Casting to jsonb also checks the strings for unpaired surrogates, which json accepts. In
   exchange, jsonb rejects numbers that numeric cannot hold. #}
{% macro postgres__valid_json(column) -%}
    case
        when
            case
                when {{ column }} ~ '\\u(0000|[dD][89a-fA-F])'
                    then pg_input_is_valid({{ column }}, 'jsonb')
                else pg_input_is_valid({{ column }}, 'json')
            end
            then cast({{ column }} as json)
    end
{%- endmacro %}


{# The text as JSON if it is valid and of the given kind; else null. #}
{% macro postgres__json_of_kind(column, kind) -%}
    case
        when json_typeof({{ readership.postgres__valid_json(column) }}) = '{{ kind }}'
            then cast({{ column }} as json)
    end
{%- endmacro %}


{# A JSON value as text, strings without quotes. #}
{% macro postgres__json_scalar_text(value) -%}
    case json_typeof({{ value }})
        when 'string' then {{ value }} #>> '{}'
        when 'number' then {{ readership.postgres__json_number('cast(' ~ value ~ ' as text)') }}
        when 'boolean' then {{ value }} #>> '{}'
        when 'object' then {{ readership.postgres__plain_json('cast(' ~ value ~ ' as text)') }}
        when 'array' then {{ readership.postgres__plain_json('cast(' ~ value ~ ' as text)') }}
    end
{%- endmacro %}


{# An expression as a value inside JSON text. Answers call functions for this, because a planner
   takes longer to read so many expressions than to find the rows. #}
{% macro postgres__json_value(expression) -%}
    {%- set mark = readership.postgres__json_mark() -%}
    {%- if expression.startswith(mark) -%}
    coalesce({{ expression[mark | length:] }}, 'null')
    {%- elif readership.is_answering() -%}
    {{ readership.answers_schema() }}.json_value({{ expression }})
    {%- else -%}
    coalesce(
        case
            when pg_typeof({{ expression }}) = cast('double precision' as regtype)
                then {{ readership.postgres__json_float('cast(to_json(' ~ expression ~ ') as text)') }}
            when json_typeof(to_json({{ expression }})) = 'string'
                then {{ readership.postgres__capital_escapes('cast(to_json(' ~ expression ~ ') as text)') }}
            else cast(to_json({{ expression }}) as text)
        end,
        'null'
    )
    {%- endif -%}
{%- endmacro %}


{# Normalized JSON text: no spaces, and one way to write each string and number. #}
{% macro postgres__plain_json(expression) -%}
    {%- if readership.is_answering() -%}
    {{ readership.answers_schema() }}.plain_json({{ expression }})
    {%- else -%}
    {{ readership.postgres__joined_tokens(expression) }}
    {%- endif -%}
{%- endmacro %}

{% macro postgres__joined_tokens(expression) -%}
    (
        select
            string_agg(
                case
                    when token like '"%'
                        then {{ readership.postgres__json_string("cast(token as json) #>> '{}'") }}
                    when token ~ '^[-0-9]' then {{ readership.postgres__json_number('token') }}
                    else token
                end,
                '' order by token_number
            )
        from (
            select
                tokens.found[1] as token,
                tokens.token_number
            from regexp_matches(
                {{ expression }}, '"(?:[^"\\]|\\.)*"|[-0-9][-+.0-9eE]*|[a-z]+|[][{}:,]', 'g'
            ) with ordinality as tokens (found, token_number)
        ) as tokens
    )
{%- endmacro %}


{# Statements that create the functions which answers call. A function in plpgsql is not put into
   the query that calls it. #}
{% macro postgres__json_functions(schema) -%}
    {%- set json_value -%}
create function {{ schema }}.json_value(requested_value anyelement) returns text
language plpgsql stable
as $answer$
declare
    found text := cast(to_json(requested_value) as text);
begin
    if found is null then
        return 'null';
    elsif pg_typeof(requested_value) = cast('double precision' as regtype) then
        return {{ readership.postgres__json_float('found') }};
    elsif left(found, 1) <> '"' or position('\u00' in found) = 0 then
        return found;
    end if;
    return {{ readership.postgres__capital_escapes('found') }};
end
$answer$
    {%- endset -%}
    {%- set plain_json -%}
create function {{ schema }}.plain_json(requested_json text) returns text
language plpgsql stable
as $answer$
begin
    return {{ readership.postgres__joined_tokens('requested_json') }};
end
$answer$
    {%- endset -%}
    {{ return([json_value, plain_json]) }}
{%- endmacro %}


{# A JSON string as PostgreSQL writes it, with capital letters in the escapes of control
   characters. #}
{% macro postgres__capital_escapes(json) -%}
    case
        when position('\u00' in {{ json }}) = 0 then {{ json }}
        else (
            select
                string_agg(
                    case
                        when parts.found[1] like '\\u%'
                            then '\u' || upper(substr(parts.found[1], 3))
                        else parts.found[1]
                    end,
                    '' order by parts.part_number
                )
            from regexp_matches({{ json }}, '\\u[0-9a-f]{4}|\\.|[^\\]+', 'g')
                with ordinality as parts (found, part_number)
        )
    end
{%- endmacro %}


{# A JSON number: an integer unchanged, any other as the shortest decimal of a 64-bit float. #}
{% macro postgres__json_number(literal) -%}
    case
        when {{ literal }} ~ '^-?[0-9]+$' or not pg_input_is_valid({{ literal }}, 'float8')
            then {{ literal }}
        else {{ readership.postgres__json_float('cast(cast(' ~ literal ~ ' as float8) as text)') }}
    end
{%- endmacro %}


{# The text of a floating-point number as JavaScript writes it, but always with a point or an
   exponent. #}
{% macro postgres__json_float(text) -%}
    case
        when {{ text }} !~ 'e' and {{ text }} ~ '[.]' then {{ text }}
        when {{ text }} !~ 'e' then {{ text }} || '.0'
        when {{ text }} ~ 'e-0[56]$' then cast(cast({{ text }} as numeric) as text)
        when {{ text }} ~ 'e[+](1[5-9]|20)$'
            then
                cast(cast({{ text }} as numeric) as text)
                || case when cast({{ text }} as numeric) % 1 = 0 then '.0' else '' end
        else regexp_replace({{ text }}, 'e[+]?(-?)0*', 'e\1')
    end
{%- endmacro %}
