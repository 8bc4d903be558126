{{ config(severity='warn') }}

-- Columns of the publisher's own (extra_columns, metadata_columns) with values that are none of the
-- type and so null: of pageviews and conversions in the last warn_days of a site, and of posts as
-- they are now. The texts themselves are in extra_data and custom_metadata.
with sites as (
    select * from {{ ref('dim_sites') }}
),

recent as (
    select
        site_id,
        {{ warned_since('sites') }} as warned_since
    from sites
),

events as (
    select
        stg_events.site_id,
        stg_events.extra_data
    from {{ ref('stg_events') }} as stg_events
    inner join recent on stg_events.site_id = recent.site_id
    where
        stg_events.action in ('pageview', 'conversion')
        and stg_events.event_date > recent.warned_since
        and {{ is_counted() }}
),

posts as (
    select
        site_id,
        custom_metadata
    from {{ ref('dim_posts') }}
),

counted as (
    {{ counts_of_own_values('extra_columns', 'extra_data', 'events') }}
    union all
    {{ counts_of_own_values('metadata_columns', 'custom_metadata', 'posts') }}
)

select *
from counted
where unreadable > 0
