{{ config(materialized='view') }}

-- One row per visitor flagged as a bot for its behavior.
with bot_visitors as (
    select * from {{ ref('base_bot_visitors') }}
),

final as (
    select
        visitor_key,
        evidence_key,
        bot_rule,
        evidence_count,
        evidence_at
    from bot_visitors
    where bot_rule is not null
)

select * from final
