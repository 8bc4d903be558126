{# Hash of the content of a row of base_event_rows, without provenance. Orders the copies of one
   event independently of how they arrived. Computed only for events that have duplicates. #}
{% macro record_hash() -%}
    {{ surrogate_key([
        'visitor_key', 'session_scope_key', 'page_key', 'plain_page_key', 'alias_list_key',
        'fingerprint_key', 'visitor_site_id', 'session_id', 'pageload_id', 'pageview_id',
        'videostart_id', 'action', 'channel', 'page_clean_url', 'referrer_url', 'referrer_class',
        'referrer_name', 'session_entry_url', 'session_referrer_url', 'source_class', 'source_name',
        'campaign_id', 'campaign', 'campaign_medium', 'campaign_source', 'campaign_content',
        'campaign_term', 'entry_campaign', 'entry_campaign_medium', 'entry_campaign_source',
        'entry_campaign_content', 'entry_campaign_term', 'country_code', 'region_code', 'city_name',
        'browser', 'os', 'device_class', 'event_bot_rule', 'event_bot_evidence',
        'metadata_canonical_url', 'metadata_post_id', 'metadata_page_type', 'metadata_title', 'metadata_section',
        'metadata_authors', 'metadata_tags', 'metadata_image_url', 'metadata_thumb_url',
        'metadata_custom', 'extra_data', 'engaged_time_inc_seconds', 'metadata_word_count',
        'metadata_duration', 'has_tracker_session', 'is_amp', 'previous_session_timestamp_at',
        'metadata_published_at', 'metadata_saved_at',
    ]) }}
{%- endmacro %}
