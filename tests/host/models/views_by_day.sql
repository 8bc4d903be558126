{{ config(materialized='incremental', unique_key='viewed_date', incremental_strategy='delete+insert') }}

select
    viewed_date,
    sum(views) as views
from {{ ref('readership', 'fct_pageviews') }}
group by viewed_date
