{{ config(materialized='incremental', unique_key='event_key') }}

with events as (
    select *
    from {{ ref('stg_events') }}
    {{ where_recent('received_at') }}
)

select * from events where action = 'pageview'
