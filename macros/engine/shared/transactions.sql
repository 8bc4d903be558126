{# Whether a transaction spans the statements of a model, so that they are committed together or not
   at all. Nothing may depend on it but what is done in addition where there is none. #}
{% macro has_transactions() -%}
    {{ return(adapter.dispatch('has_transactions', 'readership')()) }}
{%- endmacro %}

{% macro default__has_transactions() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__has_transactions() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro postgres__has_transactions() -%}
    {{ return(true) }}
{%- endmacro %}


{# Statement that waits until no other run changes this model, for engines with several writers and
   transactions. #}
{% macro lock_model() -%}
    {{ return(adapter.dispatch('lock_model', 'readership')()) }}
{%- endmacro %}

{% macro default__lock_model() -%}
{%- endmacro %}

{# The lock ends with the transaction, also with that of a process that died. #}
{% macro postgres__lock_model() -%}
    select pg_advisory_xact_lock(hashtextextended('{{ this }}', 0))
{%- endmacro %}


{# The end of a `create table` statement: which kind of table, for engines that have several of which
   one can delete and merge. #}
{% macro format_of_tables() -%}
    {{ return(adapter.dispatch('format_of_tables', 'readership')()) }}
{%- endmacro %}

{% macro default__format_of_tables() -%}
    {{ return('') }}
{%- endmacro %}
