{{ config(
    materialized='incremental',
    incremental_strategy='replace_loads',
    unique_key=['load_id', 'file_url', 'line_number'],
    pre_hook=[
        "{{ claim_loads(upstream=none) }}",
        "{{ mark_replaced_rows() }}",
    ],
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- One row per raw row: its event, the keys it affects, the rules it broke, and its content,
-- enriched. Recorded values are preferred; missing ones are derived. Rows of a replaced file stay,
-- marked, until every model has processed the replacement, because the keys they affected must be
-- recomputed. Only models that follow affected keys read those rows here; all others use
-- stg_event_rows (keys) or stg_events (events).
with events as {{ not_materialized() }} (
    select
        *,
        {{ query_and_fragment('page_query', 'page_fragment') }} as page_parameters,
        {{ query_and_fragment('session_entry_query', 'session_entry_fragment') }}
            as session_entry_parameters
            {{- number_among_equal_rows() }}
    from {{ ref('base_events') }}
    {%- if has_prior_loads() or var('events_per_run') > 0 %}
    where
        {{ is_of_claimed_load() }}
        or (load_id in {{ loads_processed_by_this() }} and {{ is_on_rebuilt_day('cast(event_at as date)') }})
    {%- endif %}
),

sites as (
    select * from {{ ref('sites') }}
),

hosts as (
    select * from {{ ref('stg_hosts') }}
),

user_agents as (
    select * from {{ ref('base_user_agents') }}
),

campaign_parameters as (
    select
        slot,
        lower(parameter) as parameter,
        priority
    from {{ ref('campaign_parameters') }}
),

medium_channels as (
    select * from {{ ref('campaign_channels') }} where slot = 'medium'
),

source_channels as (
    select * from {{ ref('campaign_channels') }} where slot = 'source'
),

---------- campaign slots, once per distinct query string and fragment

campaign_inputs as (
    select distinct
        page_parameters,
        session_entry_parameters,
        recorded_source,
        recorded_entry_source
    from events
),

queries as (
    select page_parameters as query from campaign_inputs where page_parameters like '%=%'
    {{ union_distinct() }}
    select session_entry_parameters as query from campaign_inputs where session_entry_parameters like '%=%'
),

query_slots as (
    select
        queries.query,
        campaign_parameters.slot,
        {{ null_if_blank('parameters.parameter_value') }} as slot_value,
        row_number() over (
            partition by queries.query, campaign_parameters.slot
            order by
                parameters.is_in_fragment,
                campaign_parameters.priority,
                parameters.position
        ) as slot_rank
    from queries
    cross join {{ query_parameter_rows('queries.query', 'parameters') }}
    inner join campaign_parameters on parameters.parameter = campaign_parameters.parameter
    where {{ null_if_blank('parameters.parameter_value') }} is not null
),

query_campaigns as (
    select
        query,
        max(case when slot = 'campaign' then slot_value end) as campaign,
        max(case when slot = 'medium' then slot_value end) as medium,
        max(case when slot = 'source' then slot_value end) as source,
        max(case when slot = 'content' then slot_value end) as content,
        max(case when slot = 'term' then slot_value end) as term
    from query_slots
    where slot_rank = 1
    group by query
),

with_campaigns as (
    select
        events.*,
        {{ broken_rules('events', 'sites') }} as broken_rules,
        coalesce(events.recorded_campaign, page_campaigns.campaign) as campaign,
        coalesce(events.recorded_medium, page_campaigns.medium) as campaign_medium,
        coalesce(events.recorded_source, page_campaigns.source) as campaign_source,
        coalesce(events.recorded_content, page_campaigns.content) as campaign_content,
        coalesce(events.recorded_term, page_campaigns.term) as campaign_term,
        coalesce(events.recorded_entry_campaign, entry_campaigns.campaign) as entry_campaign,
        coalesce(events.recorded_entry_medium, entry_campaigns.medium) as entry_campaign_medium,
        coalesce(events.recorded_entry_source, entry_campaigns.source) as entry_campaign_source,
        coalesce(events.recorded_entry_content, entry_campaigns.content) as entry_campaign_content,
        coalesce(events.recorded_entry_term, entry_campaigns.term) as entry_campaign_term
    from events
    left join sites on events.site_id = sites.site_id
    left join query_campaigns as page_campaigns
        on events.page_parameters = page_campaigns.query
    left join query_campaigns as entry_campaigns
        on events.session_entry_parameters = entry_campaigns.query
),

with_campaign_channels as (
    select
        with_campaigns.*,
        coalesce(page_mediums.channel, page_sources.channel) as campaign_channel,
        coalesce(entry_mediums.channel, entry_sources.channel) as entry_campaign_channel,
        coalesce(
            with_campaigns.campaign_source, with_campaigns.campaign_medium, with_campaigns.campaign
        ) as named_by_campaign,
        coalesce(
            with_campaigns.entry_campaign_source,
            with_campaigns.entry_campaign_medium,
            with_campaigns.entry_campaign
        ) as named_by_entry_campaign
    from with_campaigns
    left join medium_channels as page_mediums
        on lower(with_campaigns.campaign_medium) = page_mediums.slot_value
    left join source_channels as page_sources
        on lower(with_campaigns.campaign_source) = page_sources.slot_value
    left join medium_channels as entry_mediums
        on lower(with_campaigns.entry_campaign_medium) = entry_mediums.slot_value
    left join source_channels as entry_sources
        on lower(with_campaigns.entry_campaign_source) = entry_sources.slot_value
),

---------- campaign sources that name an engine, network or assistant

sources as (
    select recorded_source as source from campaign_inputs
    {{ union_distinct() }}
    select recorded_entry_source as source from campaign_inputs
    {{ union_distinct() }}
    select source from query_campaigns
),

source_hosts_and_names as (
    select
        source,
        {{ campaign_source_host('source') }} as host
    from sources
    where source is not null
    union all
    select
        source,
        {{ normalized_name('source') }} as host
    from sources
    where source is not null
),

source_lines as (
    select
        source_hosts_and_names.source,
        hosts.referrer_class,
        hosts.referrer_name,
        row_number() over (
            partition by source_hosts_and_names.source
            order by parents.labels_cut, parents.listed_as desc
        ) as match_rank
    from source_hosts_and_names
    inner join {{ host_parents('source_hosts_and_names', 'host') }} as parents
        on source_hosts_and_names.host = parents.host
    inner join hosts on parents.listed_as = hosts.host
    where
        hosts.is_listed
        and hosts.referrer_class <> 'other'
        and {{ holds_for_host('hosts.referrer_class', 'parents') }}
),

known_sources as (
    select * from source_lines where match_rank = 1
),

---------- referrers, devices, bots

classified as (
    select
        with_campaign_channels.*,
        {{ referrer_class(
            recorded='with_campaign_channels.recorded_referrer_class',
            url='with_campaign_channels.referrer_url',
            host='referrer_hosts',
            page_host='page_hosts',
            campaign_channel='with_campaign_channels.campaign_channel',
            campaign_source='page_sources',
            campaign='with_campaign_channels.named_by_campaign',
        ) }} as referrer_class,
        {{ referrer_name(
            recorded_class='with_campaign_channels.recorded_referrer_class',
            recorded_domain='with_campaign_channels.recorded_referrer_domain',
            url='with_campaign_channels.referrer_url',
            host='referrer_hosts',
            raw_host='with_campaign_channels.referrer_host',
            campaign_source='page_sources',
            campaign='with_campaign_channels.named_by_campaign',
        ) }} as referrer_name,
        {{ referrer_class(
            recorded='with_campaign_channels.recorded_source_class',
            url='with_campaign_channels.session_referrer_url',
            host='source_hosts',
            page_host='page_hosts',
            campaign_channel='with_campaign_channels.entry_campaign_channel',
            campaign_source='entry_sources',
            campaign='with_campaign_channels.named_by_entry_campaign',
        ) }} as source_class,
        {{ referrer_name(
            recorded_class='with_campaign_channels.recorded_source_class',
            recorded_domain='with_campaign_channels.recorded_source_domain',
            url='with_campaign_channels.session_referrer_url',
            host='source_hosts',
            raw_host='with_campaign_channels.session_referrer_host',
            campaign_source='entry_sources',
            campaign='with_campaign_channels.named_by_entry_campaign',
        ) }} as source_name,
        coalesce(with_campaign_channels.recorded_device_class, user_agents.device_class, 'other')
            as named_device_class,
        coalesce(with_campaign_channels.recorded_browser, user_agents.browser) as browser,
        coalesce(with_campaign_channels.recorded_os, user_agents.os) as os,
        case
            when user_agents.is_people_user_agent then null
            when {{ has_bot_rule('user_agent') }} and user_agents.is_bot then 'user_agent'
            when
                {{ has_bot_rule('recorded_browser') }}
                and {{ matches(
                    'with_campaign_channels.recorded_browser', '(?i)[^\\n]*(bot|crawler|spider)[^\\n]*'
                ) }}
                then 'recorded_browser'
        end as event_bot_rule,
        user_agents.bot_kind,
        {{ segment('with_campaign_channels.extra_data') }} as segment,
        {{ staff_flag('with_campaign_channels.extra_data') }} as is_staff
    from with_campaign_channels
    left join hosts as page_hosts
        on with_campaign_channels.page_host = page_hosts.host
    left join hosts as referrer_hosts
        on with_campaign_channels.referrer_host = referrer_hosts.host
    left join hosts as source_hosts
        on with_campaign_channels.session_referrer_host = source_hosts.host
    left join known_sources as page_sources
        on with_campaign_channels.campaign_source = page_sources.source
    left join known_sources as entry_sources
        on with_campaign_channels.entry_campaign_source = entry_sources.source
    left join user_agents
        on with_campaign_channels.user_agent = user_agents.user_agent
),

final as (
    select
        ---------- ids
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        case
            when referrer_class = 'internal' and referrer_address is not null
                then {{ surrogate_key(['site_id', 'referrer_address']) }}
        end as referrer_page_key,
        -- Another page than its own. The recorded post id also names the post of the canonical
        -- page, unless that is the front page.
        case
            when
                named_post_key is not null
                and canonical_page_key <> page_key
                and (
                    named_post_key = canonical_page_key
                    or not coalesce({{ is_front_page('metadata_canonical_address') }}, false)
                )
                then canonical_page_key
        end as canonical_page_key,
        named_post_key,
        case when plain_page_key <> page_key then plain_page_key end as plain_page_key,
        case when named_post_key is not null and not is_front_page then alias_list_key end
            as alias_list_key,
        {{ fingerprint_key() }} as fingerprint_key,
        load_id,
        cast(null as {{ dbt.type_string() }}) as replaced_by_load_id,
        site_id,
        visitor_site_id,
        session_id,
        pageload_id,
        pageview_id,
        videostart_id,

        ---------- text
        action,
        case
            when channel is not null then channel
            when is_amp then 'amp'
            else 'website'
        end as channel,
        page_clean_url,
        referrer_url,
        referrer_class,
        referrer_name,
        session_entry_url,
        session_referrer_url,
        source_class,
        source_name,
        coalesce(recorded_campaign_id, campaign) as campaign_id,
        campaign,
        campaign_medium,
        campaign_source,
        campaign_content,
        campaign_term,
        campaign_channel,
        entry_campaign,
        entry_campaign_medium,
        entry_campaign_source,
        entry_campaign_content,
        entry_campaign_term,
        entry_campaign_channel,
        country_code,
        region_code,
        city_name,
        browser,
        os,
        case
            when named_device_class in ('desktop', 'mobile', 'tablet') then named_device_class
            else 'other'
        end as device_class,
        event_bot_rule,
        case event_bot_rule
            when 'user_agent' then bot_kind
            when 'recorded_browser' then recorded_browser
        end as event_bot_evidence,
        metadata_canonical_url,
        metadata_post_id,
        metadata_page_type,
        metadata_title,
        metadata_section,
        metadata_authors,
        metadata_tags,
        metadata_image_url,
        metadata_thumb_url,
        metadata_custom,
        extra_data,
        segment,
        {{ json_text('extra_data', '_conversion_type') }} as conversion_type,
        {{ json_text('extra_data', '_conversion_label') }} as conversion_label,
        broken_rules,
        file_url,

        ---------- numbers
        {{ line_number() }},
        engaged_time_inc_seconds,
        metadata_word_count,
        metadata_duration,

        ---------- booleans
        broken_rules is null as is_valid,
        has_tracker_session,
        {{ has_fingerprint() }} as has_fingerprint,
        has_metadata,
        is_amp,
        is_staff,

        ---------- times
        event_at,
        {{ dbt.date_trunc('hour', 'event_at') }} as event_hour_at,
        cast(event_at as date) as event_date,
        received_at,
        previous_session_timestamp_at,
        metadata_published_at,
        metadata_saved_at
    from {{ computed_once('classified') }}
)

select * from final
{{ stored_in_order_of(['event_date', 'site_id', 'session_scope_key', 'page_key']) }}
