{# A delete has no subquery inside a subquery; a merge reads any query. #}
{% macro databricks__deletion_of_rows_among(relation, column, subquery, also) -%}
    merge into {{ relation }} as stored
    using (select distinct * from {{ subquery }} as found (deleted_value)) as deleted
        on stored.{{ column }} = deleted.deleted_value
    when matched then delete
{%- endmacro %}
