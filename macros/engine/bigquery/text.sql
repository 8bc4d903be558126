{% macro bigquery__matches(column, pattern) -%}
    {%- set flag = '(?i)' if pattern.startswith('(?i)') else '' -%}
    regexp_contains(
        {{ column }}, r'{{ flag }}^(?:{{ readership.bigquery__pattern(pattern[flag | length:]) }})$'
    )
{%- endmacro %}


{% macro bigquery__first_match(column, pattern) -%}
    nullif(regexp_extract({{ column }}, r'{{ readership.bigquery__pattern(pattern, groups=1) }}'), '')
{%- endmacro %}


{# All matches are replaced. What is before the first one is matched with it, from the start of the
   text, which is there once. #}
{% macro bigquery__without_match(column, pattern) -%}
    regexp_replace(
        {{ column }}, r'^((?s:.*?))(?:{{ readership.bigquery__pattern(pattern) }})', r'\1'
    )
{%- endmacro %}


{% macro bigquery__replaced_matches(column, pattern, replacement) -%}
    regexp_replace(
        {{ column }},
        r'{{ readership.bigquery__pattern(pattern, groups=1) }}',
        r'{{ modules.re.sub('\\\\+([0-9])', '\\\\\\1', replacement) }}'
    )
{%- endmacro %}


{# All Unicode spaces, as the other engines remove; without characters, line ends would go too. #}
{% macro bigquery__trimmed(column) -%}
    trim(
        {{ column }},
        ' \u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u202F\u205F\u3000'
    )
{%- endmacro %}


{% macro bigquery__has_text(text, searched) -%}
    strpos({{ text }}, {{ searched }}) > 0
{%- endmacro %}


{% macro bigquery__text_before(text, separator) -%}
    split({{ text }}, '{{ separator }}')[safe_offset(0)]
{%- endmacro %}


{% macro bigquery__separated_texts(separator, texts) -%}
    array_to_string([{{ texts | join(', ') }}], {{ separator }})
{%- endmacro %}


{# The bytes; null when they are no UTF-8. A percent sign that begins no code stays. #}
{% macro bigquery__percent_decoded(expression) -%}
    case
        when strpos({{ expression }}, '%') = 0 or strpos({{ expression }}, '%00') > 0
            then {{ expression }}
        else
            coalesce(
                (
                    select
                        safe_cast(
                            from_hex(
                                string_agg(
                                    case
                                        when regexp_contains(part, r'^%[0-9a-fA-F]{2}$')
                                            then substr(part, 2)
                                        else to_hex(cast(part as bytes))
                                    end,
                                    '' order by place
                                )
                            ) as string
                        )
                    from
                        unnest(regexp_extract_all(
                            {{ expression }}, r'%[0-9a-fA-F]{2}|%|[^%]+'
                        )) as part with offset as place
                ),
                {{ expression }}
            )
    end
{%- endmacro %}


{% macro bigquery__query_parameter_rows(text, relation_alias) -%}
    {%- set first = "split(pair, '=')[safe_offset(0)]" -%}
    {%- set name = "replace(" ~ first ~ ", '+', ' ')" -%}
    {%- set value = "replace(substr(pair, length(" ~ first ~ ") + 2), '+', ' ')" -%}
    unnest(array(
        select as struct
            place + 1 as position,
            place + 1 > array_length(split({{ readership.text_before(text, '#') }}, '&'))
                as is_in_fragment,
            {{ readership.parameter_name(name) }} as parameter,
            {{ readership.percent_decoded(value) }} as parameter_value
        from unnest(split(replace({{ text }}, '#', '&'), '&')) as pair with offset as place
    )) as {{ relation_alias }}
{%- endmacro %}


{# A text inside quotes: backslashes are escapes. #}
{% macro bigquery__escaped_text(text) -%}
    {{ return(text | replace('\\', '\\\\') | replace("'", "\\'")) }}
{%- endmacro %}


{% macro bigquery__text_bytes(expression) -%}
    cast({{ expression }} as bytes)
{%- endmacro %}


{% macro bigquery__bytes_contain(bytes, searched) -%}
    strpos({{ bytes }}, cast({{ searched }} as bytes)) > 0
{%- endmacro %}


{# A pattern inside r'...' with so many of its groups; regexp_extract() takes one at most. A model may
   have hundreds of the same patterns, so they are kept. #}
{% macro bigquery__pattern(pattern, groups=0) -%}
    {%- if 'bigquery_patterns' not in graph -%}
        {%- do graph.update({'bigquery_patterns': {}}) -%}
    {%- endif -%}
    {%- set patterns = graph['bigquery_patterns'] -%}
    {%- if (pattern, groups) not in patterns -%}
        {%- do patterns.update(
            {(pattern, groups): readership.bigquery__translated_pattern(pattern, groups)}
        ) -%}
    {%- endif -%}
    {{ return(patterns[(pattern, groups)]) }}
{%- endmacro %}

{% macro bigquery__translated_pattern(pattern, groups) -%}
    {%- set parts = [] -%}
    {%- set found = namespace(groups=0) -%}
    {%- for part in modules.re.findall(
        '\\\\.|\\[\\^?\\]?(?:\\[:[a-z]+:\\]|\\\\.|[^\\]\\\\])*\\]|\\((?:\\?:)?|[^\\\\\\[(]+',
        pattern, modules.re.S
    ) -%}
        {%- if part == '(' -%}
            {%- set found.groups = found.groups + 1 -%}
            {%- do parts.append('(' if found.groups <= groups else '(?:') -%}
        {%- else -%}
            {%- do parts.append(part) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts | join | replace("'", '\\x27')) }}
{%- endmacro %}
