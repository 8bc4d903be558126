{% materialization incremental, adapter='duckdb' %}
    {{ return(readership.materialization_incremental_duckdb()) }}
{% endmaterialization %}
