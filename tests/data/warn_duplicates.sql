{{ config(severity='warn') }}

-- Recent days on which the share of duplicates of a site exceeds warn_duplicate_share.
with days as (
    select * from {{ ref('ops_duplicates') }}
),

sites as (
    select * from {{ ref('dim_sites') }}
)

select days.*
from days
inner join sites on days.site_id = sites.site_id
where
    days.event_date > {{ warned_since('sites') }}
    and days.valid_rows >= {{ var('warn_minimum_events') }}
    and days.copies > {{ var('warn_duplicate_share') }} * days.valid_rows
