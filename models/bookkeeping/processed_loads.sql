{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    access='protected',
) }}

-- Only creates the table. The incremental models fill it, see
-- macros/incremental/processed_loads.sql.
{{ no_loads('processed_loads') }}
