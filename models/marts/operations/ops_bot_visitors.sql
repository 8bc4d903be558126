{{ config(materialized='view') }}

with bot_days as (
    select * from {{ ref('int_bot_days') }}
),

behavior as (
    select * from {{ ref('stg_bot_visitors') }}
),

visitors as (
    select
        visitor_key,
        site_id,
        bot_rule,
        min(evidence) as evidence,
        count(distinct evidence) as evidence_kinds,
        cast(sum(events) as bigint) as events,
        cast(sum(pageviews) as bigint) as pageviews,
        min(local_date) as first_event_date,
        max(local_date) as last_event_date
    from bot_days
    group by visitor_key, site_id, bot_rule
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['visitors.visitor_key', 'visitors.bot_rule']) }} as bot_visitor_key,
        visitors.visitor_key,
        visitors.site_id,
        behavior.evidence_key,

        ---------- text
        visitors.bot_rule,
        case visitors.bot_rule
            when 'burst'
                then
                    cast(behavior.evidence_count as {{ dbt.type_string() }})
                    || ' events on one page within {{ var("bot_burst_minutes") }} minutes'
            when 'fingerprint'
                then
                    cast(behavior.evidence_count as {{ dbt.type_string() }})
                    || ' visitors alike on one day, each with one pageview and nothing else'
            else
                coalesce(visitors.evidence, {{ bot_rule_description('visitors.bot_rule') }})
                || case
                    when visitors.evidence_kinds > 1
                        then
                            ' and '
                            || cast(visitors.evidence_kinds - 1 as {{ dbt.type_string() }})
                            || ' more'
                    else ''
                end
        end as evidence,

        ---------- numbers
        visitors.events,
        visitors.pageviews,

        ---------- times
        visitors.first_event_date,
        visitors.last_event_date,
        behavior.evidence_at
    from visitors
    left join behavior
        on
            visitors.visitor_key = behavior.visitor_key
            and visitors.bot_rule = behavior.bot_rule
)

select * from final
