{{ config(
    materialized='incremental',
    unique_key='event_date',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per flagged visitor, UTC date, local date, rule and evidence. Small, because it only has
-- flagged visitors. Recomputed by UTC date, so that a run opens the events of affected dates only.
with stg_events as (
    select * from {{ ref('stg_events') }}
),

sites as (
    select * from {{ ref('sites') }}
),

flagged as (
    select
        stg_events.visitor_key,
        stg_events.site_id,
        stg_events.bot_rule,
        stg_events.bot_evidence as evidence,
        stg_events.action,
        stg_events.event_date,
        cast({{ at_time_zone('stg_events.event_at', site_time_zone('sites')) }} as date)
            as local_date
    from stg_events
    left join sites on stg_events.site_id = sites.site_id
    where
        {{ is_affected('stg_events.event_date', key='event_date', reach='event') }}
        and stg_events.is_bot
),

final as (
    select
        ---------- ids
        visitor_key,
        site_id,

        ---------- text
        bot_rule,
        evidence,

        ---------- numbers
        count(*) as events,
        count(case when action = 'pageview' then 1 end) as pageviews,

        ---------- times
        event_date,
        local_date
    from flagged
    group by visitor_key, site_id, bot_rule, evidence, event_date, local_date
)

select * from final
