{{ config(materialized='view') }}

-- Content of a raw row that stg_events leaves out, read from the raw tables at query time because
-- no mart uses it. Personal data is only here and in the raw tables.
with base_events as (
    select *{{ number_among_equal_rows() }} from {{ ref('base_events') }}
),

hosts as (
    select * from {{ ref('stg_hosts') }}
),

user_agents as (
    select * from {{ ref('base_user_agents') }}
),

final as (
    select
        ---------- ids
        base_events.event_key,
        base_events.load_id,
        base_events.site_id,
        base_events.event_id,
        base_events.visitor_network_id,

        ---------- text
        base_events.file_url,
        base_events.page_url,
        base_events.page_netloc,
        base_events.page_path,
        base_events.page_query,
        base_events.page_fragment,
        page_hosts.domain as page_domain,
        base_events.referrer_clean_url,
        base_events.referrer_netloc,
        base_events.referrer_path,
        base_events.referrer_query,
        coalesce(referrer_hosts.domain, base_events.referrer_host) as referrer_domain,
        base_events.continent_code,
        base_events.postal_code,
        base_events.visitor_time_zone,
        base_events.market_name,
        base_events.market_nielsen_code,
        base_events.visitor_ip,
        base_events.user_agent,
        coalesce(base_events.recorded_browser_version, user_agents.browser_version)
            as browser_version,
        coalesce(base_events.recorded_os_version, user_agents.os_version) as os_version,
        coalesce(base_events.recorded_device_brand, user_agents.device_brand) as device_brand,
        coalesce(base_events.recorded_device_model, user_agents.device_model) as device_model,
        base_events.metadata_urls,
        base_events.unknown_fields,
        base_events.schema_version,

        ---------- numbers
        {{ line_number('base_events') }},
        base_events.screen_width_pixels,
        base_events.screen_height_pixels,
        base_events.latitude,
        base_events.longitude,

        ---------- booleans
        base_events.is_touch_capable,

        ---------- times
        base_events.client_at,
        base_events.session_timestamp_at
    from base_events
    left join hosts as page_hosts on base_events.page_host = page_hosts.host
    left join hosts as referrer_hosts on base_events.referrer_host = referrer_hosts.host
    left join user_agents on base_events.user_agent = user_agents.user_agent
)

select * from final
