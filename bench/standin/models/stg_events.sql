{{ config(materialized='incremental', unique_key='event_key') }}

-- Typed, taken apart, keyed, one row per event id.
with source_events as (
    select
        *,
        to_timestamp(timestamp_info_nginx_ms / 1000.0) at time zone 'UTC' as received_at
    from {{ source('raw', 'events') }}
),

recent as (
    select *
    from source_events
    {{ where_recent('received_at') }}
),

typed as (
    select
        nullif(trim(apikey), '') as site_id,
        lower(nullif(trim(event_id), '')) as event_id,
        nullif(trim(visitor_site_id), '') as visitor_id,
        nullif(trim(visitor_network_id), '') as visitor_network_id,
        nullif(trim(visitor_ip), '') as visitor_ip,
        nullif(trim(action), '') as action,
        nullif(trim(channel), '') as channel,
        nullif(trim(pageview_id), '') as pageview_id,
        nullif(trim(pageload_id), '') as pageload_id,
        nullif(trim(videostart_id), '') as videostart_id,
        session_id,
        to_timestamp(session_timestamp / 1000.0) at time zone 'UTC' as session_started_at,
        to_timestamp(session_last_session_timestamp / 1000.0) at time zone 'UTC'
            as previous_session_at,
        cast(nullif(trim(ts_action), '') as timestamp) as action_at,
        received_at,
        nullif(trim(url), '') as url,
        split_part(split_part(url, '#', 1), '?', 1) as clean_url,
        lower(substring(url from '^[a-zA-Z]+://([^/?#]+)')) as host,
        substring(url from '^[a-zA-Z]+://[^/?#]+([^?#]*)') as path,
        substring(url from '[?]([^#]*)') as query,
        nullif(trim(referrer), '') as referrer,
        split_part(split_part(referrer, '#', 1), '?', 1) as clean_referrer,
        lower(substring(referrer from '^[a-zA-Z]+://([^/?#]+)')) as referrer_host,
        substring(referrer from '^[a-zA-Z]+://[^/?#]+([^?#]*)') as referrer_path,
        coalesce(nullif(lower(trim(ref_category)), ''), 'direct') as referrer_class,
        lower(nullif(trim(ref_domain), '')) as referrer_domain,
        nullif(trim(session_initial_url), '') as entry_url,
        split_part(split_part(session_initial_url, '#', 1), '?', 1) as clean_entry_url,
        nullif(trim(session_initial_referrer), '') as session_referrer,
        coalesce(nullif(lower(trim(sref_category)), ''), 'direct') as session_class,
        coalesce(utm_campaign, substring(url from '[?&]utm_campaign=([^&#]*)')) as utm_campaign,
        coalesce(utm_medium, substring(url from '[?&]utm_medium=([^&#]*)')) as utm_medium,
        coalesce(utm_source, substring(url from '[?&]utm_source=([^&#]*)')) as utm_source,
        coalesce(utm_content, substring(url from '[?&]utm_content=([^&#]*)')) as utm_content,
        coalesce(utm_term, substring(url from '[?&]utm_term=([^&#]*)')) as utm_term,
        surl_utm_campaign,
        surl_utm_medium,
        surl_utm_source,
        ip_continent,
        ip_country,
        ip_subdivision,
        ip_city,
        ip_postal,
        ip_timezone,
        ip_market_name,
        ip_lat,
        ip_lon,
        user_agent,
        ua_browser,
        ua_browserversion,
        ua_os,
        ua_osversion,
        ua_devicebrand,
        ua_devicemodel,
        coalesce(lower(ua_devicetype), 'other') as device_class,
        ua_devicetouchcapable,
        display_total_width,
        display_total_height,
        nullif(trim(metadata_canonical_url), '') as canonical_url,
        nullif(trim(metadata_post_id), '') as post_id,
        nullif(trim(metadata_title), '') as title,
        nullif(trim(metadata_section), '') as section,
        nullif(trim(metadata_page_type), '') as page_type,
        nullif(trim(metadata_image_url), '') as image_url,
        nullif(trim(metadata_thumb_url), '') as thumb_url,
        metadata_custom_metadata,
        cast(metadata_authors as jsonb) as authors,
        cast(metadata_tags as jsonb) as tags,
        cast(metadata_urls as jsonb) as urls,
        metadata_full_content_word_count as word_count,
        metadata_duration,
        to_timestamp(metadata_pub_date_tmsp / 1000.0) at time zone 'UTC' as published_at,
        to_timestamp(metadata_save_date_tmsp / 1000.0) at time zone 'UTC' as saved_at,
        cast(extra_data as jsonb) as extra_data,
        engaged_time_inc,
        coalesce(flags_is_amp, false) as is_amp
    from recent
),

keyed as (
    select
        *,
        coalesce(action_at, received_at) as event_at,
        coalesce(canonical_url, clean_url) as post_url,
        {{ key(['site_id', 'event_id']) }} as event_key,
        {{ key(['site_id', 'visitor_id']) }} as visitor_key,
        {{ key(['site_id', 'visitor_id', 'session_id', 'session_started_at']) }} as session_key,
        {{ key(['site_id', 'visitor_id', 'session_id', 'coalesce(pageview_id, clean_url)']) }}
            as pageview_key,
        {{ key(['site_id', 'coalesce(canonical_url, clean_url)']) }} as post_key,
        {{ key(['referrer_class', 'referrer_host', 'referrer_path']) }} as referrer_key,
        {{ key(['utm_campaign', 'utm_medium', 'utm_source', 'utm_content', 'utm_term']) }}
            as campaign_key,
        {{ key(['device_class', 'ua_browser', 'ua_browserversion', 'ua_os', 'ua_osversion',
                'ua_devicebrand', 'ua_devicemodel']) }} as device_key,
        {{ key(['ip_continent', 'ip_country', 'ip_subdivision', 'ip_city', 'ip_postal']) }}
            as place_key
    from typed
    where site_id is not null and event_id is not null and visitor_id is not null
),

numbered as (
    select
        *,
        row_number() over (partition by event_key order by received_at) as copy_number
    from keyed
)

select * from numbered where copy_number = 1
