{{ config(severity='warn') }}

-- Days of late on which more than watch_refused_share of what came for a site was refused. A site
-- that is refused altogether is no row of dim_sites: the newest present of any site is its own.
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

watched as (
    select
        site_id,
        {{ watched_since('sites') }} as watched_since
    from sites
),

newest as (
    select max(watched_since) as watched_since from watched
),

shares as (
    select
        refused.site_id,
        refused.received_date,
        refused.refused_events,
        refused.refused_events + coalesce(days.valid_rows, 0) as events,
        coalesce(watched.watched_since, newest.watched_since) as watched_since
    from refused
    cross join newest
    left join days
        on refused.site_id = days.site_id and refused.received_date = days.event_date
    left join watched on refused.site_id = watched.site_id
)

select *
from shares
where
    (received_date > watched_since or watched_since is null)
    and events >= {{ var('watch_minimum_events') }}
    and refused_events > {{ var('watch_refused_share') }} * events
