{# A hash of all that a record says, for putting copies of one event in an order that does not
   depend on how they arrived. Provenance is left out. #}
{% macro record_hash() -%}
    {{ surrogate_key([
        'action', 'channel', 'visitor_site_id', 'session_id', 'session_timestamp_at',
        'previous_session_timestamp_at', 'pageload_id', 'pageview_id', 'videostart_id',
        'page_url', 'referrer_url', 'session_entry_url', 'session_referrer_url',
        'recorded_referrer_class', 'recorded_referrer_domain', 'recorded_source_class',
        'recorded_source_domain', 'recorded_campaign_id', 'recorded_campaign', 'recorded_medium',
        'recorded_source', 'recorded_content', 'recorded_term', 'recorded_entry_campaign',
        'recorded_entry_medium', 'recorded_entry_source', 'recorded_entry_content',
        'recorded_entry_term', 'continent_code', 'country_code', 'region_code', 'city_name',
        'postal_code', 'visitor_time_zone', 'market_name', 'market_nielsen_code', 'visitor_ip',
        'visitor_network_id', double_to_text('latitude'), double_to_text('longitude'), 'user_agent',
        'recorded_browser',
        'recorded_browser_version', 'recorded_os', 'recorded_os_version',
        'recorded_device_brand', 'recorded_device_model', 'recorded_device_class',
        'screen_width_pixels', 'screen_height_pixels', 'is_touch_capable', 'is_amp',
        'engaged_time_inc_seconds', 'extra_data', 'unknown_fields', 'metadata_canonical_url',
        'metadata_post_id', 'metadata_page_type', 'metadata_title', 'metadata_section',
        'metadata_image_url', 'metadata_thumb_url', 'metadata_custom', 'metadata_authors',
        'metadata_tags', 'metadata_urls', 'metadata_word_count', 'metadata_duration',
        'metadata_published_at', 'metadata_saved_at', 'override_at', 'client_at',
        'page_clean_url', 'page_netloc', 'page_path', 'page_query', 'page_fragment',
        'referrer_clean_url', 'referrer_netloc', 'referrer_path', 'referrer_query',
        'session_entry_query', 'schema_version',
    ]) }}
{%- endmacro %}
