{#
    Regular expressions use the syntax that the engines share: RE2 without `.`, which matches line
    ends on some engines only. Write a class instead, such as `[^\n]`. Named classes are ASCII.
#}

{# Whether a text matches a regular expression completely; null for null. #}
{% macro matches(column, pattern) -%}
    {{ return(adapter.dispatch('matches', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(column, pattern) -%}
    regexp_full_match({{ column }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__matches(column, pattern) -%}
    {%- set flag = '(?i)' if pattern.startswith('(?i)') else '' -%}
    {%- set pattern = readership.postgres__pattern(pattern[flag | length:]) -%}
    {{ column }} ~ '{{ flag }}^(?:{{ pattern }})$'
{%- endmacro %}


{# The first group of the first match of a regular expression; null without a match. #}
{% macro first_match(column, pattern) -%}
    {{ return(adapter.dispatch('first_match', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro duckdb__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, '{{ pattern }}', 1), '')
{%- endmacro %}

{% macro postgres__first_match(column, pattern) -%}
    nullif(substring({{ column }} from '{{ readership.postgres__pattern(pattern) }}'), '')
{%- endmacro %}


{# A text without the first match of a regular expression. #}
{% macro without_match(column, pattern) -%}
    {{ return(adapter.dispatch('without_match', 'readership')(column, pattern)) }}
{%- endmacro %}

{% macro default__without_match(column, pattern) -%}
    regexp_replace({{ column }}, '{{ pattern }}', '')
{%- endmacro %}

{% macro postgres__without_match(column, pattern) -%}
    regexp_replace({{ column }}, '{{ readership.postgres__pattern(pattern) }}', '')
{%- endmacro %}


{# A trimmed text; null when it is empty. #}
{% macro null_if_blank(column) -%}
    nullif({{ readership.trimmed(column) }}, '')
{%- endmacro %}


{# A text without spaces at its start and end. #}
{% macro trimmed(column) -%}
    {{ return(adapter.dispatch('trimmed', 'readership')(column)) }}
{%- endmacro %}

{% macro default__trimmed(column) -%}
    trim({{ column }})
{%- endmacro %}

{# All Unicode spaces, the same that DuckDB's trim() removes. #}
{% macro postgres__trimmed(column) -%}
    btrim(
        {{ column }},
        U&' \00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\202F\205F\3000'
    )
{%- endmacro %}


{# Condition: a text has another in it. #}
{% macro has_text(text, searched) -%}
    {{ return(adapter.dispatch('has_text', 'readership')(text, searched)) }}
{%- endmacro %}

{% macro default__has_text(text, searched) -%}
    position({{ searched }} in {{ text }}) > 0
{%- endmacro %}


{# A text up to the first separator. #}
{% macro text_before(text, separator) -%}
    {{ return(adapter.dispatch('text_before', 'readership')(text, separator)) }}
{%- endmacro %}

{% macro default__text_before(text, separator) -%}
    split_part({{ text }}, '{{ separator }}', 1)
{%- endmacro %}


{# Texts with a separator between them (an expression); nulls are left out. #}
{% macro separated_texts(separator, texts) -%}
    {{ return(adapter.dispatch('separated_texts', 'readership')(separator, texts)) }}
{%- endmacro %}

{% macro default__separated_texts(separator, texts) -%}
    concat_ws({{ separator }}, {{ texts | join(', ') }})
{%- endmacro %}


{# A text with all matches of a regular expression replaced; `\\1` is the first group. #}
{% macro replaced_matches(column, pattern, replacement) -%}
    {{ return(adapter.dispatch('replaced_matches', 'readership')(column, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replaced_matches(column, pattern, replacement) -%}
    regexp_replace({{ column }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro postgres__replaced_matches(column, pattern, replacement) -%}
    regexp_replace(
        {{ column }}, '{{ readership.postgres__pattern(pattern) }}', '{{ replacement }}', 'g'
    )
{%- endmacro %}


{# A text with percent codes decoded; unchanged when the result is not valid text. #}
{% macro percent_decoded(expression) -%}
    {{ return(adapter.dispatch('percent_decoded', 'readership')(expression)) }}
{%- endmacro %}

{% macro duckdb__percent_decoded(expression) -%}
    case
        when contains({{ expression }}, '%00') then {{ expression }}
        else coalesce(try(url_decode({{ expression }})), {{ expression }})
    end
{%- endmacro %}

{% macro postgres__percent_decoded(expression) -%}
    {#- Valid UTF-8 without NUL, which PostgreSQL does not store, in hexadecimal with two digits
        per byte. -#}
    {%- set next = '[89ab][0-9a-f]' -%}
    {%- set utf8 = [
        '0[1-9a-f]',
        '[1-7][0-9a-f]',
        'c[2-9a-f]' ~ next,
        'd[0-9a-f]' ~ next,
        'e0[ab][0-9a-f]' ~ next,
        'e[1-9a-cef](' ~ next ~ '){2}',
        'ed[89][0-9a-f]' ~ next,
        'f0[9ab][0-9a-f](' ~ next ~ '){2}',
        'f[1-3](' ~ next ~ '){3}',
        'f48[0-9a-f](' ~ next ~ '){2}',
    ] | join('|') -%}
    case
        when position('%' in {{ expression }}) = 0 then {{ expression }}
        else (
            select
                case
                    when bytes.in_hexadecimals ~ '^({{ utf8 }})+$'
                        then convert_from(decode(bytes.in_hexadecimals, 'hex'), 'UTF8')
                    else {{ expression }}
                end
            from (
                select
                    string_agg(
                        case
                            when parts.found[1] ~ '^%..' then lower(substr(parts.found[1], 2))
                            else encode(convert_to(parts.found[1], 'UTF8'), 'hex')
                        end,
                        '' order by parts.part_number
                    ) as in_hexadecimals
                from regexp_matches({{ expression }}, '%[0-9a-fA-F]{2}|%|[^%]+', 'g')
                    with ordinality as parts (found, part_number)
            ) as bytes
        )
    end
{%- endmacro %}


{# The query and the fragment of a URL in one text, for query_parameter_rows(). #}
{% macro query_and_fragment(query, fragment) -%}
    coalesce({{ query }}, '') || coalesce('#' || {{ fragment }}, '')
{%- endmacro %}


{#
    Parameters in a URL's query and fragment: `from` clause item with one row each, columns
    `position` (1-based), `is_in_fragment`, `parameter` (lower case) and `parameter_value`, both
    decoded. Malformed links are common and accepted: an ampersand may be `&amp;`, as in HTML, or be
    replaced by another `?` or by `;` before a name; a fragment may start with a path.
#}
{% macro query_parameter_rows(column, relation_alias) -%}
    {%- set ampersand = '&(?:[aA][mM][pP];|#0*38;|#[xX]0*26;)+' -%}
    {%- set text = readership.replaced_matches(column, ampersand, '&') -%}
    {%- set text = readership.replaced_matches(text, '[?;]([A-Za-z0-9_.%-]+=)', '&\\1') -%}
    {{ return(adapter.dispatch('query_parameter_rows', 'readership')(text, relation_alias)) }}
{%- endmacro %}

{# The normalized name of a parameter: decoded, without the rest of an `&amp;` or of a fragment
   mark. #}
{% macro parameter_name(encoded) -%}
    {{ readership.null_if_blank(readership.without_match(
        'lower(' ~ readership.percent_decoded(encoded) ~ ')', '^(?:amp;|[!/?])+'
    )) }}
{%- endmacro %}

{% macro duckdb__query_parameter_rows(text, relation_alias) -%}
    lateral (
        select
            position,
            position > in_query as is_in_fragment,
            {{ readership.parameter_name('encoded_name') }} as parameter,
            {{ readership.percent_decoded('encoded_value') }} as parameter_value
        from (
            select
                position,
                in_query,
                replace(split_part(pair, '=', 1), '+', ' ') as encoded_name,
                replace(substr(pair, length(split_part(pair, '=', 1)) + 2), '+', ' ')
                    as encoded_value
            from (
                select
                    generate_subscripts(pairs, 1) as position,
                    in_query,
                    unnest(pairs) as pair
                from (
                    select
                        string_split(replace(text, '#', '&'), '&') as pairs,
                        length(string_split(split_part(text, '#', 1), '&')) as in_query
                    from (select {{ text }} as text)
                )
            )
        )
    ) as {{ relation_alias }}
{%- endmacro %}

{% macro postgres__query_parameter_rows(text, relation_alias) -%}
    lateral (
        select
            encoded.position,
            encoded.position > encoded.in_query as is_in_fragment,
            {{ readership.parameter_name('encoded.encoded_name') }} as parameter,
            {{ readership.percent_decoded('encoded.encoded_value') }} as parameter_value
        from (
            select
                pairs.position,
                cardinality(string_to_array(split_part(texts.text, '#', 1), '&')) as in_query,
                replace(split_part(pairs.pair, '=', 1), '+', ' ') as encoded_name,
                replace(
                    substr(pairs.pair, length(split_part(pairs.pair, '=', 1)) + 2), '+', ' '
                ) as encoded_value
            from (select {{ text }} as text) as texts
            cross join unnest(string_to_array(replace(texts.text, '#', '&'), '&')) with ordinality
                as pairs (pair, position)
        ) as encoded
    ) as {{ relation_alias }}
{%- endmacro %}


{# The texts of a group joined into one, in the given order. #}
{% macro joined_texts(expression, separator, order_by) -%}
    {{ return(adapter.dispatch('joined_texts', 'readership')(expression, separator, order_by)) }}
{%- endmacro %}

{% macro default__joined_texts(expression, separator, order_by) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}


{# A text as an SQL literal. Engines differ in what is escaped, and how. #}
{% macro text_literal(text) -%}
    {%- if "'" not in text and '\\' not in text -%}
        {{ return("'" ~ text ~ "'") }}
    {%- endif -%}
    {{ return("'" ~ adapter.dispatch('escaped_text', 'readership')(text) ~ "'") }}
{%- endmacro %}

{% macro default__escaped_text(text) -%}
    {{ return(dbt.escape_single_quotes(text)) }}
{%- endmacro %}


{# Texts as a list for `in (...)`; a value that equals nothing when there are none. #}
{% macro text_literals(texts) -%}
    {%- set literals = [] -%}
    {%- for text in texts -%}
        {%- do literals.append(readership.text_literal(text)) -%}
    {%- endfor -%}
    {{ literals | join(', ') if literals else 'null' }}
{%- endmacro %}


{# ---------- PostgreSQL helpers #}

{# A pattern with named classes written out: PostgreSQL's include more than ASCII. #}
{% macro postgres__pattern(pattern) -%}
    {{ return(
        pattern
        | replace('[:cntrl:]', '\\u0001-\\u001f\\u007f')
        | replace('[:space:]', '\\t\\n\\v\\f\\r ')
    ) }}
{%- endmacro %}


{# The UTF-8 bytes of a text. #}
{% macro text_bytes(expression) -%}
    {{ return(adapter.dispatch('text_bytes', 'readership')(expression)) }}
{%- endmacro %}

{% macro duckdb__text_bytes(expression) -%}
    encode({{ expression }})
{%- endmacro %}

{% macro postgres__text_bytes(expression) -%}
    convert_to({{ expression }}, 'UTF8')
{%- endmacro %}


{# Whether bytes contain a text. #}
{% macro bytes_contain(bytes, searched) -%}
    {{ return(adapter.dispatch('bytes_contain', 'readership')(bytes, searched)) }}
{%- endmacro %}

{% macro duckdb__bytes_contain(bytes, searched) -%}
    strpos(cast({{ bytes }} as varchar), cast(encode({{ searched }}) as varchar)) > 0
{%- endmacro %}

{% macro postgres__bytes_contain(bytes, searched) -%}
    position(convert_to({{ searched }}, 'UTF8') in {{ bytes }}) > 0
{%- endmacro %}
