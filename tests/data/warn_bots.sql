{{ config(severity='warn') }}

-- Recent days on which the share of bot events of a site exceeds warn_bot_share.
with bots as (
    select
        site_id,
        event_date,
        sum(events) as bot_events
    from {{ ref('ops_bots') }}
    group by site_id, event_date
),

days as (
    select
        site_id,
        event_date,
        valid_rows - copies as events
    from {{ ref('ops_duplicates') }}
),

sites as (
    select * from {{ ref('dim_sites') }}
)

select
    days.site_id,
    days.event_date,
    days.events,
    bots.bot_events
from days
inner join bots on days.site_id = bots.site_id and days.event_date = bots.event_date
inner join sites on days.site_id = sites.site_id
where
    days.event_date > {{ warned_since('sites') }}
    and days.events >= {{ var('warn_minimum_events') }}
    and bots.bot_events > {{ var('warn_bot_share') }} * days.events
