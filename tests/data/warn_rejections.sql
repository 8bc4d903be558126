{{ config(severity='warn') }}

-- Recent days on which the share of refused events of a site exceeds warn_refused_share. A site
-- whose events are all refused has no row in dim_sites; the newest as-of time of any site is used
-- for it.
with refused as (
    select
        site_id,
        received_date,
        sum(events_once) as refused_events
    from {{ ref('ops_rejections') }}
    group by site_id, received_date
),

days as (
    select * from {{ ref('ops_duplicates') }}
),

sites as (
    select * from {{ ref('dim_sites') }}
),

recent_rejections as (
    select
        site_id,
        {{ warned_since('sites') }} as warned_since
    from sites
),

newest as (
    select max(warned_since) as warned_since from recent_rejections
),

shares as (
    select
        refused.site_id,
        refused.received_date,
        refused.refused_events,
        refused.refused_events + coalesce(days.valid_rows, 0) as events,
        coalesce(recent_rejections.warned_since, newest.warned_since) as warned_since
    from refused
    cross join newest
    left join days
        on refused.site_id = days.site_id and refused.received_date = days.event_date
    left join recent_rejections on refused.site_id = recent_rejections.site_id
)

select *
from shares
where
    (received_date > warned_since or warned_since is null)
    and events >= {{ var('warn_minimum_events') }}
    and refused_events > {{ var('warn_refused_share') }} * events
