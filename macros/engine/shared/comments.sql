{#
    Persists descriptions as comments, in one statement. dbt's own macros look up the columns twice
    for every relation in every run. A description of a column that does not exist is an error
    either way.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- do readership.persist_comments(
        relation, model, for_relation, for_columns, duckdb_escape_comment
    ) -%}
{%- endmacro %}

{% macro postgres__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- do readership.persist_comments(
        relation, model, for_relation, for_columns, postgres_escape_comment
    ) -%}
{%- endmacro %}


{# `escaped` is dbt's macro that makes a literal of a text. #}
{% macro persist_comments(relation, model, for_relation, for_columns, escaped) -%}
    {%- set comments = [] -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do comments.append(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for column in model.columns.values() -%}
            {%- do comments.append(
                'comment on column ' ~ relation ~ '.' ~ adapter.quote(column.name) ~ ' is '
                ~ escaped(column.description) ~ ';'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if comments -%}
        {%- do run_query(comments | join('\n')) -%}
    {%- endif -%}
{%- endmacro %}
