{# A hash of all that a record says, for putting copies of one event in an order that does not
   depend on how they arrived. Provenance is left out. Of rows of base_event_rows; it is worked out
   only for events that have copies. #}
{% macro record_hash() -%}
    {{ surrogate_key([
        'action', 'channel', 'visitor_site_id', 'session_id', 'session_timestamp_at',
        'previous_session_timestamp_at', 'pageload_id', 'pageview_id', 'videostart_id',
        'page_url', 'page_clean_url', 'referrer_url', 'referrer_class', 'referrer_name',
        'session_entry_url', 'session_referrer_url', 'source_class', 'source_name', 'campaign_id',
        'campaign', 'campaign_medium', 'campaign_source', 'campaign_content', 'campaign_term',
        'entry_campaign', 'entry_campaign_medium', 'entry_campaign_source',
        'entry_campaign_content', 'entry_campaign_term', 'continent_code', 'country_code',
        'region_code', 'city_name', 'postal_code', 'visitor_time_zone', 'market_name',
        'market_nielsen_code', 'visitor_ip', 'visitor_network_id', double_to_text('latitude'),
        double_to_text('longitude'), 'user_agent', 'browser', 'browser_version', 'os',
        'os_version', 'device_brand', 'device_model', 'device_class', 'event_bot_rule',
        'screen_width_pixels', 'screen_height_pixels', 'is_touch_capable', 'is_amp',
        'engaged_time_inc_seconds', 'extra_data', 'unknown_fields', 'metadata_canonical_url',
        'metadata_post_id', 'metadata_page_type', 'metadata_title', 'metadata_section',
        'metadata_image_url', 'metadata_thumb_url', 'metadata_custom', 'metadata_authors',
        'metadata_tags', 'metadata_urls', 'metadata_word_count', 'metadata_duration',
        'metadata_published_at', 'metadata_saved_at', 'client_at', 'schema_version',
    ]) }}
{%- endmacro %}
