{#
    Overrides the macro that dbt calls for every new table. PostgreSQL gets an index for each key
    that incremental runs look up, and statistics, without which later models are planned blindly.
    DuckDB needs neither.
#}
{% macro postgres__create_indexes(relation) -%}
    {%- if config.get('materialized') == 'incremental' -%}
        {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- for key in [
            'event_key', 'session_scope_key', 'session_key', 'visitor_key', 'page_key',
            'referrer_page_key', 'hour_at',
        ] if key in names -%}
            {%- do run_query(get_create_index_sql(relation, {'columns': [key]})) -%}
        {%- endfor -%}
        {%- if 'load_id' in names -%}
            {#- The rows of one load are stored together. -#}
            {%- do run_query(
                get_create_index_sql(relation, {'columns': ['load_id'], 'type': 'brin'})
            ) -%}
        {%- endif -%}
        {%- if 'viewed_at' in names -%}
            {%- do run_query(
                get_create_index_sql(relation, {'columns': ["date_trunc('hour', viewed_at)"]})
            ) -%}
            {#- Rows are stored in the order of their hours, of which a call asks for some. -#}
            {%- do run_query(
                get_create_index_sql(relation, {'columns': ['viewed_at'], 'type': 'brin'})
            ) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if config.get('materialized') == 'incremental' and config.get('access') != 'public' -%}
        {#- Models read these tables by their keys. What a sample of a third says of 80 columns serves
            them as well. -#}
        {%- do run_query('set local default_statistics_target = 30') -%}
    {%- endif -%}
    {%- do run_query('analyze ' ~ relation) -%}
{%- endmacro %}
