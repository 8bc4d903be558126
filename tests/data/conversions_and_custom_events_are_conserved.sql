-- Every counted conversion is one row in every table that counts conversions. So is every counted
-- custom event.
with counts as (
    select
        (
            select count(*) from {{ ref('stg_events') }} as events
            where events.action = 'conversion' and {{ is_counted() }}
        ) as staged_conversions,
        (select count(*) from {{ ref('fct_conversions') }}) as conversions,
        (select coalesce(sum(conversions), 0) from {{ ref('fct_sessions') }})
            as session_conversions,
        (
            select count(*) from {{ ref('stg_events') }} as events
            where
                events.action not in (
                    'pageview', 'heartbeat', 'videostart', 'vheartbeat', 'conversion'
                )
                and {{ is_counted() }}
        ) as staged_custom_events,
        (select count(*) from {{ ref('fct_custom_events') }}) as custom_events
)

select *
from counts
where
    staged_conversions <> conversions
    or staged_conversions <> session_conversions
    or staged_custom_events <> custom_events
