{# Patterns are those that Java reads, as Spark's; literals have no escapes. #}

{% macro trino__matches(column, pattern) -%}
    {%- set flag = '(?i)' if pattern.startswith('(?i)') else '' -%}
    regexp_like(
        {{ column }}, '{{ flag }}\A(?:{{ readership.spark__pattern(pattern[flag | length:]) }})\z'
    )
{%- endmacro %}


{% macro trino__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, '{{ readership.spark__pattern(pattern) }}', 1), '')
{%- endmacro %}


{# All matches are replaced. What is before the first one is matched with it, from the start of the
   text, which is there once. #}
{% macro trino__without_match(column, pattern) -%}
    regexp_replace({{ column }}, '\A((?s:.*?))(?:{{ readership.spark__pattern(pattern) }})', '$1')
{%- endmacro %}


{% macro trino__replaced_matches(column, pattern, replacement) -%}
    regexp_replace(
        {{ column }},
        '{{ readership.spark__pattern(pattern) }}',
        '{{ modules.re.sub('\\\\+([0-9])', '$\\1', replacement) }}'
    )
{%- endmacro %}


{# All Unicode spaces, as the other engines remove. #}
{% macro trino__trimmed(column) -%}
    trim(
        both U&' \00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\202F\205F\3000'
        from {{ column }}
    )
{%- endmacro %}


{# A percent sign that begins no code stays, and so does a plus sign. Bytes that are no UTF-8 become
   U+FFFD: the result is used when it has no more of these than are written in the text. #}
{% macro trino__percent_decoded(expression) -%}
    {%- set decoded = (
        "url_decode(replace(regexp_replace(" ~ expression
        ~ ", '%(?![0-9a-fA-F]{2})', '%25'), '+', '%2B'))"
    ) -%}
    {%- set written = "regexp_replace(" ~ expression ~ ", '(?i)%EF%BF%BD', chr(65533))" -%}
    case
        when strpos({{ expression }}, '%') = 0 or strpos({{ expression }}, '%00') > 0
            then {{ expression }}
        when
            {{ readership.trino__count_of('chr(65533)', decoded) }}
            = {{ readership.trino__count_of('chr(65533)', written) }}
            then {{ decoded }}
        else {{ expression }}
    end
{%- endmacro %}


{# How often a character is in a text. #}
{% macro trino__count_of(character, expression) -%}
    (length({{ expression }}) - length(replace({{ expression }}, {{ character }}, '')))
{%- endmacro %}


{# Each pair with whether it is of the fragment, then its parts. sequence(), of 10,000 numbers at most,
   would end a run at a longer URL. #}
{% macro trino__query_parameter_rows(text, relation_alias) -%}
    {%- set query = "split(split_part(" ~ text ~ ", '#', 1), '&')" -%}
    {%- set after = "substr(" ~ text ~ ", strpos(" ~ text ~ ", '#') + 1)" -%}
    {%- set fragment = "split(replace(" ~ after ~ ", '#', '&'), '&')" -%}
    {%- set name = "replace(split_part(pair[2], '=', 1), '+', ' ')" -%}
    {%- set value = (
        "replace(substr(pair[2], length(split_part(pair[2], '=', 1)) + 2), '+', ' ')"
    ) -%}
    unnest(transform(
        transform({{ query }}, written -> row(false, written))
        || case
            when strpos({{ text }}, '#') > 0
                then transform({{ fragment }}, written -> row(true, written))
            else array[]
        end,
        pair -> row(
            pair[1],
            {{ readership.parameter_name(name) }},
            {{ readership.percent_decoded(value) }}
        )
    )) with ordinality as {{ relation_alias }} (is_in_fragment, parameter, parameter_value, position)
{%- endmacro %}


{% macro trino__joined_texts(expression, separator, order_by) -%}
    case
        when count({{ expression }}) > 0
            then array_join(array_agg({{ expression }} order by {{ order_by }}), '{{ separator }}')
    end
{%- endmacro %}


{% macro trino__text_bytes(expression) -%}
    to_utf8({{ expression }})
{%- endmacro %}


{% macro trino__bytes_contain(bytes, searched) -%}
    strpos(from_utf8({{ bytes }}), {{ searched }}) > 0
{%- endmacro %}
