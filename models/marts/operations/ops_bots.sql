{{ config(materialized='view') }}

with bot_days as (
    select * from {{ ref('int_bot_days') }}
),

row_counts as (
    select
        *,
        cast(local_hour_at as date) as event_date
    from {{ ref('int_event_row_counts') }}
    where copy_kind = 'counts'
),

days as (
    select
        site_id,
        event_date,
        sum(event_rows) as events,
        sum(pageview_rows) as pageviews
    from row_counts
    group by site_id, event_date
),

summed as (
    select
        site_id,
        local_date as event_date,
        bot_rule,
        evidence,
        cast(sum(events) as bigint) as events,
        cast(sum(pageviews) as bigint) as pageviews,
        count(distinct visitor_key) as visitors
    from bot_days
    group by site_id, local_date, bot_rule, evidence
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['summed.site_id', 'summed.event_date', 'summed.bot_rule', 'summed.evidence']) }}
            as bot_key,
        summed.site_id,

        ---------- text
        summed.bot_rule,
        coalesce(summed.evidence, {{ bot_rule_description('summed.bot_rule') }}) as evidence,

        ---------- numbers
        summed.events,
        summed.pageviews,
        summed.visitors,
        {{ ratio('summed.events', 'days.events') }} as event_share,
        {{ ratio('summed.pageviews', 'days.pageviews') }} as pageview_share,

        ---------- times
        summed.event_date
    from summed
    left join days
        on summed.site_id = days.site_id and summed.event_date = days.event_date
)

select * from final
