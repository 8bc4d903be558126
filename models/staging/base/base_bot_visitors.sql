{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads(upstream='base_bot_evidence') }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- The current bot status of each visitor that behaves, or behaved, like a bot; without a rule when
-- no longer flagged. All evidence is read, because there is little. A row is written only when the
-- status changes, with the load that changed it, by one statement: a run compares with the stored
-- status, so none may be missing after a run that died.
with evidence as (
    select * from {{ ref('base_bot_evidence') }} where visitor_key is not null
),

{% if has_prior_loads() -%}
stored as (
    select * from {{ this }}
),
{%- endif %}

ranked as (
    select
        *,
        row_number() over (
            partition by visitor_key
            order by
                case bot_rule when 'burst' then 0 else 1 end,
                evidence_at, group_key
        ) as evidence_rank
    from evidence
),

current_visitors as (
    select * from ranked where evidence_rank = 1
),

{% if has_prior_loads() -%}
compared as (
    select
        coalesce(current_visitors.visitor_key, stored.visitor_key) as visitor_key,
        current_visitors.evidence_key,
        current_visitors.bot_rule,
        current_visitors.evidence_count,
        current_visitors.evidence_at,
        stored.changed_by_load_id,
        coalesce(current_visitors.bot_rule, '') <> coalesce(stored.bot_rule, '') as is_changed,
        current_visitors.evidence_key is distinct from stored.evidence_key
        or coalesce(current_visitors.evidence_count, 0) <> coalesce(stored.evidence_count, 0)
        or current_visitors.evidence_at <> stored.evidence_at as has_other_evidence
    from current_visitors
    full outer join stored on current_visitors.visitor_key = stored.visitor_key
),
{%- endif %}

final as (
    select
        visitor_key,
        evidence_key,
        bot_rule,
        evidence_count,
        evidence_at,
        {% if has_prior_loads() -%}
        case
            when is_changed
                then (select max(claimed.load_id) from {{ claimed_loads() }} as claimed)
            else changed_by_load_id
        end as changed_by_load_id
    from compared
    where
        (is_changed or has_other_evidence)
        -- Without a claimed load, as in a run with --empty, nothing can have changed.
        and exists (select 1 from {{ claimed_loads() }} as claimed)
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as changed_by_load_id
    from current_visitors
        {%- endif %}
)

select * from final
