-- Refused events by broken rule. Scans only is_valid of the key table, and the other columns for
-- the few refused rows.
with rejections as (
    select * from {{ ref('stg_event_rejections') }}
),

sites as (
    select * from {{ ref('sites') }}
),

rules as (
    {% for rule, condition in event_rules('events', 'sites') -%}
    select
        '{{ rule }}' as rule,
        {{ loop.index }} as rule_order
    {%- if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}
),

dated as (
    select
        rejections.*,
        cast(
            {{ at_time_zone(
                'coalesce(rejections.received_at, rejections.event_at)', site_time_zone('sites')
            ) }} as date
        ) as received_date
    from rejections
    left join sites on rejections.site_id = sites.site_id
),

broken as (
    select
        dated.*,
        rules.rule,
        row_number() over (
            partition by dated.load_id, dated.file_url, dated.line_number
            order by rules.rule_order
        ) as rule_number
    from dated
    inner join rules
        on ',' || dated.broken_rules || ',' like '%,' || rules.rule || ',%'
),

ranked as (
    select
        *,
        row_number() over (
            partition by site_id, received_date, rule, action
            order by
                case when received_at is null then 1 else 0 end,
                received_at desc, file_url, line_number, load_id
        ) as sample_rank
    from broken
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['site_id', 'received_date', 'rule', 'action']) }} as rejection_key,
        site_id,
        max(case when sample_rank = 1 then load_id end) as sample_load_id,

        ---------- text
        rule,
        action,
        max(case when sample_rank = 1 then file_url end) as sample_file_url,

        ---------- numbers
        max(case when sample_rank = 1 then line_number end) as sample_line_number,
        count(*) as events,
        count(case when rule_number = 1 then 1 end) as events_once,
        count(distinct file_url) as files,

        ---------- times
        received_date
    from ranked
    group by site_id, received_date, rule, action
)

select * from final
