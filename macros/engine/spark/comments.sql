{# Comments are part of the statements that create tables and views (replacing.sql): a change of one
   column's comment would be a commit of its own. #}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
{%- endmacro %}


{# `comment '...'` of a column; nothing without a description. Hive's catalog holds 256 characters. #}
{% macro spark__comment_of_column(name) -%}
    {%- set column = model.columns.get(name) -%}
    {%- if config.persist_column_docs() and column and column.description -%}
    {%- set text = column.description | trim -%}
    comment {{ readership.text_literal(text if text | length <= 255 else text[:252] ~ '...') }}
    {%- endif -%}
{%- endmacro %}
