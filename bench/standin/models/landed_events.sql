{{ config(materialized='view') }}

select
    *,
    to_timestamp(timestamp_info_nginx_ms / 1000.0) at time zone 'UTC' as received_at
from {{ source('raw', 'events') }}
