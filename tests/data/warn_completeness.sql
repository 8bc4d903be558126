{{ config(severity='warn') }}

-- Recent days that are partial or silent.
with days as (
    select * from {{ ref('ops_completeness') }}
),

sites as (
    select * from {{ ref('dim_sites') }}
)

select days.*
from days
inner join sites on days.site_id = sites.site_id
where
    days.event_date > {{ warned_since('sites') }}
    and days.status in ('partial', 'silent')
    and (
        days.events >= {{ var('warn_minimum_events') }}
        or days.expected_events >= {{ var('warn_minimum_events') }}
    )
