{# Statement: deletes the rows whose column has a value that a subquery gives. `also` is a condition
   that they fulfil in any case, by which an engine may read less. #}
{% macro deletion_of_rows_among(relation, column, subquery, also=none) -%}
    {{ return(adapter.dispatch('deletion_of_rows_among', 'readership')(
        relation, column, subquery, also
    )) }}
{%- endmacro %}

{% macro default__deletion_of_rows_among(relation, column, subquery, also) -%}
    delete from {{ relation }}
    where {{ also ~ ' and ' if also }}{{ column }} in {{ subquery }}
{%- endmacro %}
