{{ config(
    enabled=var('source_kind') == 'table',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    access='protected',
) }}

-- Only creates the table. The first incremental model fills it before it claims loads, see
-- macros/sources/table_loads.sql.
{% if reads_table() %}{{ no_loads('table_loads') }}{% endif %}
