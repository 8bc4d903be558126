{# The rules of the data test columns_hold as a list of {columns, words, failures, found_in}:
   the columns, a description, the aggregate that counts the rows which break the rule and, for
   found_in, the relation whose values are joined as found_<column>. A null only breaks not_null and response_envelope. #}
{% macro column_rules(arguments) -%}
    {%- set rules = [] -%}
    {%- for kind, columns in arguments.items() -%}
        {%- do readership.check_rule_arguments(kind, columns) -%}
        {%- for column in columns -%}
            {%- if kind == 'unique' -%}
                {%- do rules.append(readership.unique_rule(column)) -%}
            {%- else -%}
                {%- set bound = columns[column] if columns is mapping -%}
                {%- set words, broken = readership.column_rule(kind, column, bound) -%}
                {%- do rules.append({
                    'columns': column,
                    'words': words,
                    'failures': 'count(case when ' ~ broken ~ ' then 1 end)',
                    'found_in': bound if kind == 'found_in',
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not rules -%}
        {{ exceptions.raise_compiler_error("columns_hold has no rule in its arguments") }}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}


{# Checks the form of a rule's arguments: a list of columns, or columns with their bounds. #}
{% macro check_rule_arguments(kind, columns) -%}
    {%- set examples = {
        'unique': '[pageview_key, [site_id, period]]',
        'accepted_values': '{status: [open, complete]}',
        'between': '{share: [0, 1]}',
        'at_least': '{views: 0}',
        'not_before': '{valid_to: valid_from}',
        'found_in': "{post_key: ref('dim_posts')}",
    } -%}
    {%- set example = examples.get(kind, '[site_id]') -%}
    {%- set form = namespace(
        is_right=columns is iterable and columns is not string
        and (columns is mapping) == example.startswith('{')
    ) -%}
    {%- for bound in (columns.values() if columns is mapping else []) -%}
        {#- A relation cannot be tested for being a list. -#}
        {%- set is_list = kind != 'found_in' and bound is iterable and bound is not string -%}
        {%- if (
            is_list != ('[' in example)
            or (kind == 'between' and bound | length != 2)
            or (kind == 'found_in' and bound is string)
        ) -%}
            {%- set form.is_right = false -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not form.is_right -%}
        {{ exceptions.raise_compiler_error(
            "columns_hold expects " ~ kind ~ " in the form " ~ example ~ ", not " ~ tojson(columns)
        ) }}
    {%- endif -%}
{%- endmacro %}


{# The description of a rule on a column, and the condition of a row that breaks it. #}
{% macro column_rule(kind, column, bound) -%}
    {%- if kind == 'not_null' -%}
        {{ return(('not null', column ~ ' is null')) }}
    {%- elif kind == 'at_least' -%}
        {{ return(('at least ' ~ bound, column ~ ' < ' ~ bound)) }}
    {%- elif kind == 'between' -%}
        {{ return((
            'between ' ~ bound[0] ~ ' and ' ~ bound[1],
            column ~ ' < ' ~ bound[0] ~ ' or ' ~ column ~ ' > ' ~ bound[1],
        )) }}
    {%- elif kind == 'not_before' -%}
        {{ return(('not before ' ~ bound, column ~ ' < ' ~ bound)) }}
    {%- elif kind == 'accepted_values' -%}
        {%- set texts = [] -%}
        {%- for value in bound -%}
            {%- do texts.append(readership.text_literal(value | string)) -%}
        {%- endfor -%}
        {{ return(('one of ' ~ bound | join(', '), column ~ ' not in (' ~ texts | join(', ') ~ ')')) }}
    {%- elif kind == 'found_in' -%}
        {{ return((
            'found in ' ~ bound.identifier,
            column ~ ' is not null and found_' ~ column ~ ' is null',
        )) }}
    {%- elif kind == 'known_time_zone' -%}
        {{ return((
            'a known time zone', column ~ ' not in (' ~ readership.time_zone_names() ~ ')'
        )) }}
    {%- elif kind == 'response_envelope' -%}
        {%- set rows_listed = readership.json_list_length(column, 'data') -%}
        {{ return((
            'an envelope that says success with at most ' ~ var('response_limit') ~ ' rows',
            'coalesce(' ~ readership.json_text(column, 'success') ~ ", '') <> 'true' or coalesce("
            ~ rows_listed ~ ' > ' ~ var('response_limit') ~ ', true)',
        )) }}
    {%- endif -%}
{%- endmacro %}


{# A single column, in which nulls may repeat, or a list of columns that form a key, in which
   nulls are equal. Counts the rows beyond the first of each value. #}
{% macro unique_rule(key) -%}
    {%- if key is string -%}
        {%- set failures = 'count(' ~ key ~ ') - count(distinct ' ~ key ~ ')' -%}
    {%- else -%}
        {%- set failures = 'count(*) - ' ~ readership.count_distinct_rows(key) -%}
    {%- endif -%}
    {{ return({
        'columns': key if key is string else key | join(', '),
        'words': 'unique',
        'failures': failures,
    }) }}
{%- endmacro %}


{# Query: one row for each rule that rows of a relation break. #}
{% macro broken_column_rules(relation, rules) -%}
    {%- set joined = rules | selectattr('found_in') | list %}
    with
    {%- for rule in joined %}
    known_{{ rule['columns'] }} as (
        select distinct {{ rule['columns'] }} as found_{{ rule['columns'] }}
        from {{ rule['found_in'] }}
    ),
    {% endfor %}
    counted as (
        select
            {%- for rule in rules %}
            {{ rule['failures'] }} as failures_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {%- for rule in joined %}
        left join known_{{ rule['columns'] }} on {{ rule['columns'] }} = found_{{ rule['columns'] }}
        {%- endfor %}
    ),

    rules as (
        {%- for rule in rules %}
        select
            {{ loop.index }} as rule_number,
            {{ readership.text_literal(rule['columns']) }} as column_name,
            {{ readership.text_literal(rule['words']) }} as rule
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ),

    held as (
        select
            rules.column_name,
            rules.rule,
            case rules.rule_number
                {%- for rule in rules %}
                when {{ loop.index }} then counted.failures_{{ loop.index }}
                {%- endfor %}
            end as failures
        from counted
        cross join rules
    )

    select
        column_name,
        rule,
        failures
    from held
    where failures > 0
{%- endmacro %}
