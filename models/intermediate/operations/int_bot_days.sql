{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    meta={'affected_reach': 'event'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per flagged visitor, date, rule and evidence. Small, because it only has flagged
-- visitors.
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
        cast({{ at_time_zone('stg_events.event_at', site_time_zone('sites')) }} as date)
            as event_date
    from stg_events
    left join sites on stg_events.site_id = sites.site_id
    where
        {{ is_affected('stg_events.visitor_key', key='visitor_key', reach='event') }}
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
        event_date
    from flagged
    group by visitor_key, site_id, bot_rule, evidence, event_date
)

select * from final
