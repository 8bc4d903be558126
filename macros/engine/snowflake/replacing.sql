{# Tables and views are replaced by one statement of dbt's. Each statement commits by itself, as
   dbt connects. #}
{% materialization incremental, adapter='snowflake' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if
        model.package_name != 'readership'
        or existing is none
        or not existing.is_table
        or should_full_refresh()
    -%}
        {{ return(dbt.materialization_incremental_snowflake()) }}
    {%- endif -%}
    {{ return(readership.update_incremental(existing)) }}
{% endmaterialization %}


{# Overrides dbt's detection of changed column types in incremental models: the length of a text is
   no other type. #}
{% macro snowflake__diff_column_data_types(source_columns, target_columns) -%}
    {%- set changed = [] -%}
    {%- for column in dbt.default__diff_column_data_types(source_columns, target_columns) -%}
        {%- set stored = target_columns | selectattr('name', 'equalto', column.column_name) | first -%}
        {%- if not (column.new_type.startswith('character varying') and stored.is_string()) -%}
            {%- do changed.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}
