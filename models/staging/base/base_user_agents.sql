-- One row per distinct user agent. A repeated load may list one twice, with equal values. Earlier
-- loaders kept spaces around some.
with source_user_agents as (
    {{ user_agents_source() }}
),

named as (
    select
        *,
        {{ null_if_blank('user_agent') }} as filled_user_agent
    from source_user_agents
),

final as (
    select
        filled_user_agent as user_agent,
        max(browser) as browser,
        max(browser_version) as browser_version,
        max(os) as os,
        max(os_version) as os_version,
        max(device_brand) as device_brand,
        max(device_model) as device_model,
        max(device_type) as device_class,
        max(bot_kind) as bot_kind,
        max(case when is_bot then 1 else 0 end) = 1 as is_bot,
        {{ is_user_agent_of_people('filled_user_agent') }} as is_people_user_agent
    from named
    group by filled_user_agent
)

select * from final
