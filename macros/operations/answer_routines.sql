{#
    Statements that create the routines of the schema answers: macros on DuckDB, SQL functions on
    PostgreSQL. Both are made of the same SQL. Their parameters are listed by name, with a default
    after `:=`. The name says the type, which PostgreSQL declares.

    PostgreSQL puts the SQL of such a function into the query that calls it, as it does with a view,
    if the function is stable and has no settings of its own. The query is then planned for the
    values of its call, and conditions on parameters that are null disappear.
#}

{# The schema of the answers. A database of PostgreSQL may have several environments, each in a
   schema of its own. #}
{% macro answers_schema() -%}
    {{ return(adapter.dispatch('answers_schema', 'readership')()) }}
{%- endmacro %}

{% macro default__answers_schema() -%}
    {{ return('answers') }}
{%- endmacro %}

{% macro postgres__answers_schema() -%}
    {{ return(adapter.quote(target.schema ~ '_answers')) }}
{%- endmacro %}


{# A routine that returns rows: by default those of a page, as answer_page() selects them. #}
{% macro table_answer(name, parameters, columns=none) -%}
    {%- set of_a_page = [('position', 'bigint'), ('rows_total', 'bigint'), ('row_json', 'text')] -%}
    {{ return(adapter.dispatch('table_answer', 'readership')(
        name, parameters, columns or of_a_page, caller()
    )) }}
{%- endmacro %}

{% macro default__table_answer(name, parameters, columns, text) -%}
create or replace macro {{ readership.answers_schema() }}.{{ name }}({{ parameters | join(', ') }}) as table (
{{ text }}
)
{%- endmacro %}

{% macro postgres__table_answer(name, parameters, columns, text) -%}
create function {{ readership.answers_schema() }}.{{ name }}({{ readership.postgres__typed(parameters) }})
returns table ({% for column, type in columns %}"{{ column }}" {{ type }}{{ ", " if not loop.last }}{% endfor %})
language sql stable
as $answer$
{{ text }}
$answer$
{%- endmacro %}


{# A routine that returns the value of an expression. #}
{% macro scalar_answer(name, parameters, expression, type='text') -%}
    {{ return(adapter.dispatch('scalar_answer', 'readership')(name, parameters, expression, type)) }}
{%- endmacro %}

{% macro default__scalar_answer(name, parameters, expression, type) -%}
create or replace macro {{ readership.answers_schema() }}.{{ name }}({{ parameters | join(', ') }}) as {{ expression }}
{%- endmacro %}

{% macro postgres__scalar_answer(name, parameters, expression, type) -%}
create function {{ readership.answers_schema() }}.{{ name }}({{ readership.postgres__typed(parameters) }})
returns {{ type }}
language sql stable
as $answer$
select {{ expression }}
$answer$
{%- endmacro %}


{# ---------- PostgreSQL helpers #}

{# Parameters with their types and defaults. #}
{% macro postgres__typed(parameters) -%}
    {%- set typed = [] -%}
    {%- for parameter in parameters -%}
        {%- set name, _, default = parameter.partition(' := ') -%}
        {%- do typed.append(
            name ~ ' ' ~ readership.postgres__type_of(name) ~ (' default ' ~ default if default else '')
        ) -%}
    {%- endfor -%}
    {{ return(typed | join(', ')) }}
{%- endmacro %}

{% macro postgres__type_of(parameter) -%}
    {%- if
        parameter.startswith('requested_not_')
        or parameter in [
            'requested_urls', 'requested_sections', 'requested_authors', 'requested_tags',
            'requested_segments',
        ]
    -%}
        {{ return('text []') }}
    {%- elif
        parameter.endswith('_at')
        or parameter in ['requested_published_from', 'requested_published_to', 'requested_wall_time']
    -%}
        {{ return('timestamp') }}
    {%- elif parameter in ['requested_skip', 'requested_rows', 'requested_page'] -%}
        {{ return('integer') }}
    {%- elif parameter == 'rows_total' -%}
        {{ return('bigint') }}
    {%- elif parameter == 'requested_or_recent' -%}
        {{ return('boolean') }}
    {%- else -%}
        {{ return('text') }}
    {%- endif -%}
{%- endmacro %}
