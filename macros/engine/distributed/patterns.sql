{# A pattern as Java reads it: in a class, `[` would begin another one and `&&` an intersection;
   named classes are written out; `$` is the end of the text alone. A model may have hundreds of the
   same patterns, so they are kept. #}
{% macro spark__pattern(pattern) -%}
    {%- if 'spark_patterns' not in graph -%}
        {%- do graph.update({'spark_patterns': {}}) -%}
    {%- endif -%}
    {%- set patterns = graph['spark_patterns'] -%}
    {%- if pattern not in patterns -%}
        {%- do patterns.update({pattern: readership.spark__translated_pattern(pattern)}) -%}
    {%- endif -%}
    {{ return(patterns[pattern]) }}
{%- endmacro %}


{% macro spark__translated_pattern(pattern) -%}
    {%- set parts = [] -%}
    {%- for part in modules.re.findall(
        '\\\\.|\\[\\^?\\]?(?:\\[:[a-z]+:\\]|\\\\.|[^\\]\\\\])*\\]|\\$|[^\\\\\\[$]+', pattern, modules.re.S
    ) -%}
        {%- if part == '$' -%}
            {%- do parts.append('\\z') -%}
        {%- elif part[0] == '[' -%}
            {%- set start = 2 if part[1] == '^' else 1 -%}
            {%- do parts.append(
                part[:start] ~ (
                    part[start:-1]
                    | replace('[:cntrl:]', '\\x00-\\x1f\\x7f')
                    | replace('[:space:]', '\\t\\n\\x0b\\f\\r ')
                    | replace('\\[', '[') | replace('[', '\\[')
                    | replace('\\]', ']') | replace(']', '\\]')
                    | replace('&&', '&\\&')
                ) ~ ']'
            ) -%}
        {%- else -%}
            {%- do parts.append(part) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts | join | replace("'", '\\x27')) }}
{%- endmacro %}
