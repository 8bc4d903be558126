{# Whether a text matches: in Java, `$` also matches before a last line end. #}
{% macro spark__matches(column, pattern) -%}
    {%- set flag = '(?i)' if pattern.startswith('(?i)') else '' -%}
    {{ column }} rlike r'{{ flag }}\A(?:{{ readership.spark__pattern(pattern[flag | length:]) }})\z'
{%- endmacro %}


{% macro spark__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, r'{{ readership.spark__pattern(pattern) }}', 1), '')
{%- endmacro %}


{# Spark replaces all matches. What is before the first one is matched with it, from the start of
   the text, which is there once. #}
{% macro spark__without_match(column, pattern) -%}
    regexp_replace({{ column }}, r'\A((?s:.*?))(?:{{ readership.spark__pattern(pattern) }})', '$1')
{%- endmacro %}


{% macro spark__replaced_matches(column, pattern, replacement) -%}
    regexp_replace(
        {{ column }},
        r'{{ readership.spark__pattern(pattern) }}',
        '{{ modules.re.sub('\\\\+([0-9])', '$\\1', replacement) }}'
    )
{%- endmacro %}


{# All Unicode spaces, as the other engines remove. #}
{% macro spark__trimmed(column) -%}
    trim(
        both ' \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000'
        from {{ column }}
    )
{%- endmacro %}


{# A percent sign that begins no code stays, and so does a plus sign. Bytes that are no UTF-8 become
   U+FFFD: the result is used when it has no more of these than are written in the text. #}
{% macro spark__percent_decoded(expression) -%}
    {%- set decoded = (
        "url_decode(replace(regexp_replace(" ~ expression
        ~ ", '%(?![0-9a-fA-F]{2})', '%25'), '+', '%2B'))"
    ) -%}
    {%- set written = "regexp_replace(" ~ expression ~ ", '(?i)%EF%BF%BD', '\\uFFFD')" -%}
    case
        when {{ expression }} not like r'%\%%' or contains({{ expression }}, '%00') then {{ expression }}
        when
            {{ readership.spark__count_of('\\uFFFD', decoded) }}
            = {{ readership.spark__count_of('\\uFFFD', written) }}
            then {{ decoded }}
        else {{ expression }}
    end
{%- endmacro %}


{# How often a character is in a text. #}
{% macro spark__count_of(character, expression) -%}
    (length({{ expression }}) - length(replace({{ expression }}, '{{ character }}', '')))
{%- endmacro %}


{% macro spark__query_parameter_rows(text, relation_alias) -%}
    {%- set name = "replace(split_part(pair, '=', 1), '+', ' ')" -%}
    {%- set value = "replace(substr(pair, length(split_part(pair, '=', 1)) + 2), '+', ' ')" -%}
    lateral inline(transform(
        split(replace({{ text }}, '#', '&'), '&'),
        (pair, place) -> named_struct(
            'position', place + 1,
            'is_in_fragment', place + 1 > size(split(split_part({{ text }}, '#', 1), '&')),
            'parameter', {{ readership.parameter_name(name) }},
            'parameter_value', {{ readership.percent_decoded(value) }}
        )
    )) as {{ relation_alias }} (position, is_in_fragment, parameter, parameter_value)
{%- endmacro %}


{# Spark 3.5 cannot order what it joins, but it can sort a list. #}
{% macro spark__joined_texts(expression, separator, order_by) -%}
    {%- if modules.re.search('(?i) (desc|nulls) *', order_by) -%}
        {{ exceptions.raise_compiler_error("joined_texts: only in ascending order, not " ~ order_by) }}
    {%- endif -%}
    case
        when count({{ expression }}) > 0
            then array_join(
                transform(
                    array_sort(collect_list(
                        case
                            when {{ expression }} is not null
                                then struct({{ order_by }}, {{ expression }} as joined_text)
                        end
                    )),
                    listed -> listed.joined_text
                ),
                '{{ separator }}'
            )
    end
{%- endmacro %}


{# A text inside quotes. #}
{% macro spark__escaped_text(text) -%}
    {{ return(text | replace('\\', '\\\\') | replace("'", "\\'")) }}
{%- endmacro %}


{% macro spark__text_bytes(expression) -%}
    encode({{ expression }}, 'UTF-8')
{%- endmacro %}


{% macro spark__bytes_contain(bytes, searched) -%}
    contains({{ bytes }}, encode({{ searched }}, 'UTF-8'))
{%- endmacro %}
