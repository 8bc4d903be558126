{{ config(materialized='incremental', unique_key='event_key') }}

-- One row per event id, with every column typed and keyed, from the loads since the last run.
with landed as (
    select *
    from {{ ref('landed_events') }}
    {% if is_incremental() -%}
    where _dlt_load_id > (select max(known._dlt_load_id) from {{ this }} as known)
    {%- endif %}
),

typed as (
    select
        landed.*,
        nullif(trim(apikey), '') as site_id,
        nullif(trim(visitor_site_id), '') as visitor_id,
        cast(nullif(trim(ts_action), '') as timestamp) as action_at,
        to_timestamp(session_timestamp / 1000.0) at time zone 'UTC' as session_started_at,
        to_timestamp(session_last_session_timestamp / 1000.0) at time zone 'UTC'
            as previous_session_at,
        to_timestamp(metadata_pub_date_tmsp / 1000.0) at time zone 'UTC' as published_at,
        to_timestamp(metadata_save_date_tmsp / 1000.0) at time zone 'UTC' as saved_at,
        split_part(split_part(url, '#', 1), '?', 1) as page_url,
        lower(substring(url from '^[a-zA-Z]+://([^/?#]+)')) as host,
        split_part(split_part(referrer, '#', 1), '?', 1) as referrer_url,
        lower(substring(referrer from '^[a-zA-Z]+://([^/?#]+)')) as referrer_host,
        coalesce(nullif(lower(trim(ref_category)), ''), 'direct') as referrer_class,
        coalesce(nullif(lower(trim(sref_category)), ''), 'direct') as session_class,
        coalesce(lower(ua_devicetype), 'other') as device_class,
        coalesce(nullif(trim(metadata_canonical_url), ''), split_part(url, '?', 1)) as post_url,
        cast(extra_data as jsonb) ->> '_conversion_type' as conversion_type,
        cast(extra_data as jsonb) ->> '_conversion_label' as conversion_label
    from landed
),

keyed as (
    select
        *,
        coalesce(action_at, received_at) as event_at,
        {{ key(['site_id', 'event_id']) }} as event_key,
        {{ key(['site_id', 'visitor_id']) }} as visitor_key,
        {{ key(['site_id', 'visitor_id', 'session_id', 'session_started_at']) }} as session_key,
        {{ key(['site_id', 'visitor_id', 'session_id', 'coalesce(pageview_id, page_url)']) }}
            as pageview_key,
        {{ key(['site_id', 'visitor_id', 'session_id', 'metadata_canonical_url', 'videostart_id']) }}
            as play_key,
        {{ key(['site_id', 'post_url']) }} as post_key,
        {{ key(['referrer_class', 'referrer_host', 'ref_path']) }} as referrer_key,
        {{ key(['utm_campaign', 'utm_medium', 'utm_source', 'utm_content', 'utm_term']) }}
            as campaign_key,
        {{ key(['device_class', 'ua_browser', 'ua_browserversion', 'ua_os', 'ua_osversion',
                'ua_devicebrand', 'ua_devicemodel']) }} as device_key,
        {{ key(['ip_continent', 'ip_country', 'ip_subdivision', 'ip_city', 'ip_postal']) }}
            as place_key,
        extract(year from action_at) as event_year,
        extract(quarter from action_at) as event_quarter,
        extract(month from action_at) as event_month,
        extract(week from action_at) as event_week,
        extract(day from action_at) as event_day
    from typed
),

numbered as (
    select
        *,
        row_number() over (partition by event_key order by event_at) as copy_number
    from keyed
)

select * from numbered where copy_number = 1
