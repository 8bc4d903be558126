-- One row per parsed line of finished loads: renamed, typed and split into parts. Derives what a
-- single event says about itself. Nothing is validated or dropped yet.
{%- set url = 'landed.trimmed_url' -%}
{%- set referrer = 'landed.trimmed_referrer' -%}
{%- set session_url = 'landed.trimmed_session_url' -%}
{%- set session_referrer = 'landed.trimmed_session_referrer' -%}
{%- set canonical_url = 'landed.trimmed_canonical_url' %}

with source_events as (
    select * from {{ events_source() }}
),

finished_loads as (
    {{ finished_loads() }}
),

---------- texts of which several columns are made

-- Addresses may be blank rather than null here: an engine with dictionary-encoded columns parses each
-- distinct text once, as long as only functions of one text are in between.
with_texts as (
    select
        source_events.*,
        {{ null_if_blank('source_events.visitor_site_id') }} as trimmed_visitor_site_id,
        {{ trimmed('source_events.url') }} as trimmed_url,
        {{ trimmed('source_events.referrer') }} as trimmed_referrer,
        {{ trimmed('source_events.session_initial_url') }} as trimmed_session_url,
        {{ trimmed('source_events.session_initial_referrer') }} as trimmed_session_referrer,
        {{ trimmed('source_events.metadata_canonical_url') }} as trimmed_canonical_url,
        {{ null_if_blank('source_events.ts_action') }} as trimmed_ts_action
    from source_events
),

with_hosts as (
    select
        with_texts.*,
        {{ url_part('with_texts.trimmed_url', 'host') }} as url_host,
        {{ url_part('with_texts.trimmed_referrer', 'host') }} as referrer_url_host
    from {{ computed_once('with_texts') }}
),

---------- columns

renamed as (
    select
        ---------- provenance
        landed._dlt_load_id as load_id,
        landed._file as file_url,
        landed._line as line_number,
        {%- if reads_table() %}
        landed._row_hash as row_hash,
        {%- endif %}

        ---------- ids
        {{ null_if_blank('landed.apikey') }} as site_id,
        {{ null_if_blank('landed.event_id') }} as event_id,
        landed.trimmed_visitor_site_id as visitor_site_id,
        {{ null_if_blank('landed.visitor_network_id') }} as visitor_network_id,
        landed.session_id,
        {{ null_if_blank('landed.pageload_id') }} as pageload_id,
        {{ null_if_blank('landed.pageview_id') }} as pageview_id,
        {{ null_if_blank('landed.videostart_id') }} as videostart_id,

        ---------- text
        {{ null_if_blank('landed.action') }} as action,
        lower({{ null_if_blank('landed.channel') }}) as channel,
        {{ null_if_blank('landed.schema_version') }} as schema_version,
        {{ null_if_blank('landed.visitor_ip') }} as visitor_ip,

        nullif({{ url }}, '') as page_url,
        coalesce({{ null_if_blank('landed.url_clean') }}, {{ url_part(url, 'clean') }})
        || {{ page_query(url) }} as page_clean_url,
        coalesce({{ null_if_blank('landed.url_netloc') }}, {{ url_part(url, 'netloc') }})
            as page_netloc,
        coalesce({{ null_if_blank('landed.url_path') }}, {{ url_part(url, 'path') }})
            as page_path,
        coalesce({{ null_if_blank('landed.url_query') }}, {{ url_part(url, 'query') }})
            as page_query,
        coalesce({{ null_if_blank('landed.url_fragment') }}, {{ url_part(url, 'fragment') }})
            as page_fragment,
        {{ url_part(url, 'web_host') }} as page_host,
        {{ page_address(url, 'landed.url_host') }} as page_address,

        nullif({{ referrer }}, '') as recorded_referrer_url,
        coalesce({{ null_if_blank('landed.ref_clean') }}, {{ url_part(referrer, 'clean') }})
            as referrer_clean_url,
        coalesce({{ null_if_blank('landed.ref_netloc') }}, {{ url_part(referrer, 'netloc') }})
            as referrer_netloc,
        coalesce({{ null_if_blank('landed.ref_path') }}, {{ url_part(referrer, 'path') }})
            as referrer_path,
        coalesce({{ null_if_blank('landed.ref_query') }}, {{ url_part(referrer, 'query') }})
            as referrer_query,
        landed.referrer_url_host as recorded_referrer_host,
        {{ page_address(referrer, 'landed.referrer_url_host') }} as referrer_address,
        lower({{ null_if_blank('landed.ref_category') }}) as recorded_referrer_class,
        lower({{ null_if_blank('landed.ref_domain') }}) as recorded_referrer_domain,

        nullif({{ session_url }}, '') as session_entry_url,
        coalesce(
            {{ null_if_blank('landed.surl_query') }}, {{ url_part(session_url, 'query') }}
        ) as session_entry_query,
        coalesce(
            {{ null_if_blank('landed.surl_fragment') }}, {{ url_part(session_url, 'fragment') }}
        ) as session_entry_fragment,
        nullif({{ session_referrer }}, '') as recorded_session_referrer_url,
        {{ url_part(session_referrer, 'host') }} as recorded_session_referrer_host,
        lower({{ null_if_blank('landed.sref_category') }}) as recorded_source_class,
        lower({{ null_if_blank('landed.sref_domain') }}) as recorded_source_domain,

        {{ null_if_blank('landed.campaign_id') }} as recorded_campaign_id,
        {{ null_if_blank('landed.utm_campaign') }} as recorded_campaign,
        {{ null_if_blank('landed.utm_medium') }} as recorded_medium,
        {{ null_if_blank('landed.utm_source') }} as recorded_source,
        {{ null_if_blank('landed.utm_content') }} as recorded_content,
        {{ null_if_blank('landed.utm_term') }} as recorded_term,
        {{ null_if_blank('landed.surl_utm_campaign') }} as recorded_entry_campaign,
        {{ null_if_blank('landed.surl_utm_medium') }} as recorded_entry_medium,
        {{ null_if_blank('landed.surl_utm_source') }} as recorded_entry_source,
        {{ null_if_blank('landed.surl_utm_content') }} as recorded_entry_content,
        {{ null_if_blank('landed.surl_utm_term') }} as recorded_entry_term,

        {{ null_if_blank('landed.ip_continent') }} as continent_code,
        {{ null_if_blank('landed.ip_country') }} as country_code,
        {{ null_if_blank('landed.ip_subdivision') }} as region_code,
        {{ null_if_blank('landed.ip_city') }} as city_name,
        {{ null_if_blank('landed.ip_postal') }} as postal_code,
        {{ null_if_blank('landed.ip_timezone') }} as visitor_time_zone,
        {{ null_if_blank('landed.ip_market_name') }} as market_name,
        {{ null_if_blank('landed.ip_market_nielsen') }} as market_nielsen_code,

        {{ null_if_blank('landed.user_agent') }} as user_agent,
        {{ null_if_blank('landed.ua_browser') }} as recorded_browser,
        {{ null_if_blank('landed.ua_browserversion') }} as recorded_browser_version,
        {{ null_if_blank('landed.ua_os') }} as recorded_os,
        {{ null_if_blank('landed.ua_osversion') }} as recorded_os_version,
        {{ null_if_blank('landed.ua_devicebrand') }} as recorded_device_brand,
        {{ null_if_blank('landed.ua_devicemodel') }} as recorded_device_model,
        lower({{ null_if_blank('landed.ua_devicetype') }}) as recorded_device_class,

        nullif({{ canonical_url }}, '') as metadata_canonical_url,
        case
            when {{ canonical_url }} = {{ url }} then null
            else {{ page_address(canonical_url) }}
        end as other_canonical_address,
        {{ null_if_blank('landed.metadata_post_id') }} as metadata_post_id,
        lower({{ null_if_blank('landed.metadata_page_type') }}) as metadata_page_type,
        {{ null_if_blank('landed.metadata_title') }} as metadata_title,
        {{ null_if_blank('landed.metadata_section') }} as metadata_section,
        {{ null_if_blank('landed.metadata_image_url') }} as metadata_image_url,
        {{ null_if_blank('landed.metadata_thumb_url') }} as metadata_thumb_url,
        {{ null_if_blank('landed.metadata_custom_metadata') }} as metadata_custom,
        {{ json_list('landed.metadata_authors') }} as metadata_authors,
        {{ json_list('landed.metadata_tags') }} as metadata_tags,
        {{ json_as_text('landed.metadata_urls') }} as metadata_urls,

        {{ json_as_text('landed.extra_data') }} as extra_data,
        {{ json_as_text('landed._unknown_fields') }} as unknown_fields,

        ---------- numbers
        landed.engaged_time_inc as engaged_time_inc_seconds,
        case
            when landed.metadata_full_content_word_count >= 0
                then landed.metadata_full_content_word_count
        end as metadata_word_count,
        landed.metadata_duration,
        landed.ip_lat as latitude,
        landed.ip_lon as longitude,
        landed.display_total_width as screen_width_pixels,
        landed.display_total_height as screen_height_pixels,

        ---------- booleans
        {{ is_shared_visitor_id('landed.trimmed_visitor_site_id') }}
            as has_shared_visitor_id,
        coalesce(landed.flags_is_amp, false) as is_amp,
        coalesce(landed.flags_is_amp, false)
        or coalesce(lower({{ null_if_blank('landed.channel') }}) = 'amp', false) as is_amp_page,
        landed.ua_devicetouchcapable as is_touch_capable,

        ---------- times
        landed.trimmed_ts_action as event_at_text,
        {{ text_to_timestamp('landed.trimmed_ts_action') }} as action_at,
        {{ epoch_to_timestamp('landed.timestamp_info_nginx_ms') }} as received_at,
        {{ epoch_to_timestamp('landed.timestamp_info_override_ms') }} as override_at,
        {{ epoch_to_timestamp('landed.timestamp_info_pixel_ms') }} as client_at,
        {{ epoch_to_timestamp('landed.session_timestamp') }} as session_timestamp_at,
        {{ epoch_to_timestamp('landed.session_last_session_timestamp') }}
            as previous_session_timestamp_at,
        {{ epoch_to_timestamp('landed.metadata_pub_date_tmsp') }} as recorded_published_at,
        {{ epoch_to_timestamp('landed.metadata_save_date_tmsp') }} as metadata_saved_at
    from {{ computed_once('with_hosts', 'landed') }}
),

-- Filtered only after the parsing above: engines with dictionary-encoded text columns then parse
-- each distinct text once, as long as nothing has been joined.
landed_rows as (
    select renamed.*
    from renamed
    inner join finished_loads on renamed.load_id = finished_loads.load_id
),

-- A text that names neither a page nor an app is not a referrer.
with_addresses as (
    select
        *,
        {{ referrer_lookup_key('recorded_referrer_url', 'recorded_referrer_host') }}
            as referrer_host,
        {{ referrer_lookup_key('recorded_session_referrer_url', 'recorded_session_referrer_host') }}
            as session_referrer_host,
        -- Most pages are their own canonical URL, which is then parsed only once.
        case
            when metadata_canonical_url = page_url then page_address
            else other_canonical_address
        end as metadata_canonical_address
    from {{ computed_once('landed_rows') }}
),

with_times as (
    select
        *,
        case when referrer_host is not null then recorded_referrer_url end as referrer_url,
        case when session_referrer_host is not null then recorded_session_referrer_url end
            as session_referrer_url,
        -- An event cannot be later than its receipt by the server.
        case
            when
                coalesce(action_at, override_at)
                > {{ plus_seconds('received_at', 60 * var('event_ahead_max_minutes')) }}
                then received_at
            else coalesce(action_at, override_at, received_at)
        end as event_at,
        -- A date outside this range is not a publication time; no newspaper is older.
        case
            when recorded_published_at between {{ as_timestamp("'1600-01-01'") }}
            and {{ as_timestamp("'" ~ var("latest_event_date") ~ "'") }}
                then recorded_published_at
        end as metadata_published_at
    from {{ computed_once('with_addresses') }}
),

with_ids as (
    select
        *,
        {{ visitor_name() }} as visitor_name
    from with_times
),

with_keys as (
    select
        *,
        {{ surrogate_key(['site_id', 'lower(event_id)']) }} as event_key,
        {{ surrogate_key(['site_id', 'visitor_name']) }} as visitor_key,
        case
            when session_id is not null and session_timestamp_at is not null
                then
                    {{ surrogate_key(
                        ['site_id', 'visitor_name', 'session_id', 'session_timestamp_at']
                    ) }}
            else {{ surrogate_key(['site_id', 'visitor_name', 'cast(event_at as date)']) }}
        end as session_scope_key,
        {{ surrogate_key(['site_id', 'page_address']) }} as page_key,
        case
            when is_amp_page
                then {{ surrogate_key(['site_id', address_without_amp('page_address')]) }}
        end as plain_page_key,
        case
            when
                metadata_urls is not null
                and metadata_urls <> '["' || coalesce(metadata_canonical_url, '') || '"]'
                then {{ surrogate_key(['site_id', 'metadata_urls']) }}
        end as alias_list_key,
        session_id is not null and session_timestamp_at is not null as has_tracker_session,
        metadata_title is not null
        or metadata_canonical_url is not null
        or metadata_post_id is not null as has_metadata
    from with_ids
),

named as (
    select
        *,
        {{ is_front_page('page_address') }} as is_front_page,
        -- A front page is always its own page, although some carry the metadata of the newest
        -- story.
        case
            when
                {{ is_front_page('page_address') }}
                and not coalesce({{ is_front_page('metadata_canonical_address') }}, false)
                then case when has_metadata then page_key end
            when metadata_canonical_address = page_address then page_key
            when metadata_canonical_address is not null
                then {{ surrogate_key(['site_id', 'metadata_canonical_address']) }}
        end as canonical_page_key
    from {{ computed_once('with_keys') }}
),

final as (
    select
        *,
        -- The metadata of a video event describes the video, not the page.
        case
            when action in ('videostart', 'vheartbeat') then null
            when is_front_page then canonical_page_key
            else
                coalesce(
                    {{ post_key_of_id('site_id', 'metadata_post_id') }}, canonical_page_key
                )
        end as named_post_key
    from named
)

select * from final
