{% macro snowflake__matches(column, pattern) -%}
    {%- set is_folded = pattern.startswith('(?i)') -%}
    {%- set found = readership.snowflake__pattern(pattern[4:] if is_folded else pattern) -%}
    regexp_like({{ column }}, '{{ found.text }}'{{ ", 'i'" if is_folded }})
{%- endmacro %}


{% macro snowflake__first_match(column, pattern) -%}
    {%- set found = readership.snowflake__pattern(pattern) -%}
    nullif(regexp_substr({{ column }}, '{{ found.text }}', 1, 1, 'e', {{ found.group }}), '')
{%- endmacro %}


{% macro snowflake__without_match(column, pattern) -%}
    regexp_replace({{ column }}, '{{ readership.snowflake__pattern(pattern).text }}', '', 1, 1)
{%- endmacro %}


{% macro snowflake__replaced_matches(column, pattern, replacement) -%}
    {%- set found = readership.snowflake__pattern(pattern) -%}
    {%- if '\\1' in replacement and found.group != 1 -%}
        {{ exceptions.raise_compiler_error("replaced_matches: a group is before the first: " ~ pattern) }}
    {%- endif -%}
    regexp_replace(
        {{ column }}, '{{ found.text }}', '{{ modules.re.sub('\\\\+([0-9])', '\\\\\\\\\\1', replacement) }}'
    )
{%- endmacro %}


{# All Unicode spaces, as the other engines remove. #}
{% macro snowflake__trimmed(column) -%}
    trim(
        {{ column }},
        ' \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000'
    )
{%- endmacro %}


{# concat_ws() is null when one text is. #}
{% macro snowflake__separated_texts(separator, texts) -%}
    array_to_string(array_construct_compact({{ texts | join(', ') }}), {{ separator }})
{%- endmacro %}


{# The bytes in hexadecimal digits; null when they are no UTF-8. A percent sign that begins no code
   stays. #}
{% macro snowflake__percent_decoded(expression) -%}
    case
        when position('%' in {{ expression }}) = 0 or contains({{ expression }}, '%00')
            then {{ expression }}
        else
            coalesce(
                try_hex_decode_string(array_to_string(
                    transform(
                        regexp_substr_all({{ expression }}, '%[0-9a-fA-F]{2}|%|[^%]+'),
                        part varchar ->
                            case
                                when regexp_like(part, '%[0-9a-fA-F]{2}') then substr(part, 2)
                                else hex_encode(part)
                            end
                    ),
                    ''
                )),
                {{ expression }}
            )
    end
{%- endmacro %}


{% macro snowflake__query_parameter_rows(text, relation_alias) -%}
    {%- set pair = 'cast(pairs.value as varchar)' -%}
    {%- set name = "replace(split_part(" ~ pair ~ ", '=', 1), '+', ' ')" -%}
    {%- set value = (
        "replace(substr(" ~ pair ~ ", length(split_part(" ~ pair ~ ", '=', 1)) + 2), '+', ' ')"
    ) -%}
    lateral (
        select
            pairs.index + 1 as position,
            pairs.index + 1 > array_size(split(split_part({{ text }}, '#', 1), '&'))
                as is_in_fragment,
            {{ readership.parameter_name(name) }} as parameter,
            {{ readership.percent_decoded(value) }} as parameter_value
        from table(flatten(input => split(replace({{ text }}, '#', '&'), '&'))) as pairs
    ) as {{ relation_alias }}
{%- endmacro %}


{# listagg() of nothing is an empty text. #}
{% macro snowflake__joined_texts(expression, separator, order_by) -%}
    nullif(
        listagg({{ expression }}, '{{ separator }}') within group (order by {{ order_by }}), ''
    )
{%- endmacro %}


{# A text inside quotes: backslashes are escapes. #}
{% macro snowflake__escaped_text(text) -%}
    {{ return(text | replace('\\', '\\\\') | replace("'", "''")) }}
{%- endmacro %}


{% macro snowflake__text_bytes(expression) -%}
    to_binary({{ expression }}, 'UTF-8')
{%- endmacro %}


{% macro snowflake__bytes_contain(bytes, searched) -%}
    contains({{ bytes }}, to_binary({{ searched }}, 'UTF-8'))
{%- endmacro %}


{# A pattern inside quotes as POSIX reads it, and the number of what is its first group elsewhere.
   Every group counts, and a backslash in a class is a character: `\n` becomes a line end in the
   text. A model may have hundreds of the same patterns, so they are kept. #}
{% macro snowflake__pattern(pattern) -%}
    {%- if 'snowflake_patterns' not in graph -%}
        {%- do graph.update({'snowflake_patterns': {}}) -%}
    {%- endif -%}
    {%- set patterns = graph['snowflake_patterns'] -%}
    {%- if pattern not in patterns -%}
        {%- do patterns.update({pattern: readership.snowflake__translated_pattern(pattern)}) -%}
    {%- endif -%}
    {{ return(patterns[pattern]) }}
{%- endmacro %}

{% macro snowflake__translated_pattern(pattern) -%}
    {%- set parts = [] -%}
    {%- set groups = namespace(count=0, first=0) -%}
    {%- for part in modules.re.findall(
        '\\\\.|\\[\\^?\\]?(?:\\[:[a-z]+:\\]|\\\\.|[^\\]\\\\])*\\]|\\((?:\\?:)?|[^\\\\\\[(]+',
        pattern, modules.re.S
    ) -%}
        {%- if part[0] == '(' -%}
            {%- set groups.count = groups.count + 1 -%}
            {%- if part == '(' and not groups.first -%}
                {%- set groups.first = groups.count -%}
            {%- endif -%}
            {%- do parts.append('(') -%}
        {%- elif part[0] == '[' -%}
            {%- do parts.append(part | replace('\\[', '[')) -%}
        {%- else -%}
            {%- do parts.append(part) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set text = parts | join -%}
    {%- if modules.re.search('\\\\[^n]', text) -%}
        {{ exceptions.raise_compiler_error("write a class instead of a backslash: " ~ pattern) }}
    {%- endif -%}
    {{ return({'text': text | replace("'", "''"), 'group': groups.first or 1}) }}
{%- endmacro %}
