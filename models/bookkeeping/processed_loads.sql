{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    access='protected',
) }}

-- Only creates the table. The incremental models fill it, see
-- macros/incremental/processed_loads.sql.
select
    cast(null as {{ dbt.type_string() }}) as model,
    cast(null as {{ dbt.type_string() }}) as load_id,
    cast(null as {{ dbt.type_string() }}) as invocation_id,
    cast(null as {{ dbt.type_string() }}) as settings
where false
