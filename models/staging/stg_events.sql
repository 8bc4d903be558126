{{ config(materialized='view') }}

-- One row per valid, deduplicated event, enriched, and flagged as a bot's by its own content or by
-- the behavior of its visitor. Later events may change which copy is kept and whether the visitor
-- is a bot, so both are looked up at query time.
with event_rows as {{ not_materialized() }} (
    select * from {{ ref('base_event_rows') }} where is_valid and replaced_by_load_id is null
),

other_copies as (
    select load_id, file_url, line_number from {{ ref('base_event_copies') }} where copy_rank > 1
),

bot_visitors as (
    select * from {{ ref('stg_bot_visitors') }}
),

final as (
    select
        ---------- ids
        events.event_key,
        events.visitor_key,
        events.session_scope_key,
        events.page_key,
        events.referrer_page_key,
        events.site_id,
        events.visitor_site_id,
        events.session_id,
        events.pageload_id,
        events.pageview_id,
        events.videostart_id,

        ---------- text
        events.action,
        events.channel,
        events.page_clean_url,
        events.referrer_url,
        events.referrer_class,
        events.referrer_name,
        events.session_entry_url,
        events.session_referrer_url,
        events.source_class,
        events.source_name,
        events.campaign_id,
        events.campaign,
        events.campaign_medium,
        events.campaign_source,
        events.campaign_content,
        events.campaign_term,
        events.campaign_channel,
        events.entry_campaign,
        events.entry_campaign_medium,
        events.entry_campaign_source,
        events.entry_campaign_content,
        events.entry_campaign_term,
        events.entry_campaign_channel,
        events.country_code,
        events.region_code,
        events.city_name,
        events.browser,
        events.os,
        events.device_class,
        coalesce(events.event_bot_rule, bot_visitors.bot_rule) as bot_rule,
        events.event_bot_evidence as bot_evidence,
        events.metadata_canonical_url,
        events.metadata_post_id,
        events.metadata_page_type,
        events.metadata_title,
        events.metadata_section,
        events.metadata_authors,
        events.metadata_tags,
        events.metadata_image_url,
        events.metadata_thumb_url,
        events.metadata_custom,
        events.extra_data,
        events.segment,
        events.conversion_type,
        events.conversion_label,
        events.load_id,
        events.file_url,

        ---------- numbers
        events.line_number,
        events.engaged_time_inc_seconds,
        events.metadata_word_count,
        events.metadata_duration,

        ---------- booleans
        events.has_tracker_session,
        events.has_metadata,
        events.is_amp,
        coalesce(events.event_bot_rule, bot_visitors.bot_rule) is not null as is_bot,
        events.is_staff,

        ---------- times
        events.event_at,
        events.event_hour_at,
        events.event_date,
        events.received_at,
        events.previous_session_timestamp_at,
        events.metadata_published_at,
        events.metadata_saved_at
    from event_rows as events
    left join other_copies
        on
            events.load_id = other_copies.load_id
            and events.file_url = other_copies.file_url
            and events.line_number = other_copies.line_number
    left join bot_visitors on events.visitor_key = bot_visitors.visitor_key
    where other_copies.load_id is null
)

select * from final
