{{ config(severity='warn') }}

-- Recent days on which the share of events received a day or more late exceeds warn_late_share.
with days as (
    select
        site_id,
        event_date,
        sum(received_events) as events,
        sum(
            case
                when delay_bucket in (
                    'under_3_days', 'under_7_days', 'under_30_days', '30_days_and_more'
                ) then received_events
                else 0
            end
        ) as late_events
    from {{ ref('ops_lateness') }}
    group by site_id, event_date
),

sites as (
    select * from {{ ref('dim_sites') }}
)

select days.*
from days
inner join sites on days.site_id = sites.site_id
where
    days.event_date > {{ warned_since('sites') }}
    and days.events >= {{ var('warn_minimum_events') }}
    and days.late_events > {{ var('warn_late_share') }} * days.events
