-- The event count, first event and newest event of a site match the staged events.
with staged as (
    select
        site_id,
        count(*) as events,
        min(event_at) as first_event_at,
        max(event_at) as newest_event_at
    from {{ ref('stg_events') }}
    group by site_id
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
)

select
    staged.*,
    dim_sites.site_id as found_site_id,
    dim_sites.events as found_events,
    dim_sites.first_event_at as found_first_event_at,
    dim_sites.newest_event_at as found_newest_event_at
from staged
full outer join dim_sites on staged.site_id = dim_sites.site_id
where
    staged.site_id is null
    or dim_sites.site_id is null
    or staged.events <> dim_sites.events
    or staged.first_event_at <> dim_sites.first_event_at
    or staged.newest_event_at <> dim_sites.newest_event_at
