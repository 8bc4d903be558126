-- Law 2: each raw row is either staged, refused or duplicate, and only once.
with outcomes as (
    select load_id, file_url, line_number from {{ ref('stg_events') }}
    union all
    select load_id, file_url, line_number from {{ ref('stg_event_rejections') }}
    union all
    select load_id, file_url, line_number from {{ ref('stg_event_duplicates') }}
)

select load_id, file_url, line_number
from outcomes
group by load_id, file_url, line_number
having count(*) > 1
