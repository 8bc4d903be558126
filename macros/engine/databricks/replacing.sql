{# Tables, views and incremental models are replaced as on Spark. dbt looks for a materialization of
   the adapter's own name first. #}
{% materialization table, adapter='databricks' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_table_databricks()) }}
    {%- endif -%}
    {{ return(readership.materialization_table_spark()) }}
{% endmaterialization %}


{% materialization view, adapter='databricks' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_view_databricks()) }}
    {%- endif -%}
    {{ return(readership.materialization_view_spark()) }}
{% endmaterialization %}


{% materialization incremental, adapter='databricks' %}
    {%- if model.package_name != 'readership' -%}
        {{ return(dbt.materialization_incremental_databricks()) }}
    {%- endif -%}
    {{ return(readership.materialization_incremental_spark()) }}
{% endmaterialization %}


{# As Spark's: dbt's own statement for it is of newer runtimes alone. #}
{% macro databricks__get_incremental_delete_insert_sql(arguments) -%}
    {{ return(readership.spark__get_delete_insert_merge_sql(
        arguments['target_relation'], arguments['temp_relation'], arguments['unique_key'],
        arguments['dest_columns'], none
    )) }}
{%- endmacro %}
