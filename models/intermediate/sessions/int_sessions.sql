{{ config(
    materialized='incremental',
    unique_key='session_scope_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
) }}

-- One row per session, with what its own events determine. fct_sessions adds what depends on
-- earlier sessions.
with stg_events as {{ not_materialized() }} (
    select *
    from {{ ref('stg_events') }}
    where {{ is_affected('event_date') }}
),

attribution as (
    select *
    from {{ ref('int_event_attribution') }}
    where
        {{ is_affected('session_scope_key') }}
        and {{ is_affected('event_date') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

events as (
    select
        attribution.session_key,
        attribution.event_key,
        attribution.action,
        attribution.event_in_session,
        attribution.event_at,
        attribution.engaged_time_inc_seconds,
        attribution.segment,
        coalesce(page_posts.post_key, attribution.page_key) as post_key
        {{- own_columns_of('attribution') }}
    from attribution
    left join page_posts on attribution.page_key = page_posts.page_key
),

-- A session is entered and left through pageviews or, when it has none, through any other event.
totals as (
    select
        session_key,
        count(*) as events,
        count(case when action = 'pageview' then 1 end) as pageviews,
        count(distinct case when action = 'pageview' then post_key end) as posts,
        cast(
            coalesce(sum(case when action = 'heartbeat' then engaged_time_inc_seconds end), 0)
            as bigint
        ) as engaged_seconds,
        count(case when action = 'videostart' then 1 end) as video_starts,
        cast(
            coalesce(sum(case when action = 'vheartbeat' then engaged_time_inc_seconds end), 0)
            as bigint
        ) as video_watch_seconds,
        count(case when action = 'conversion' then 1 end) as conversions,
        coalesce(
            min(case when action = 'pageview' then event_in_session end), min(event_in_session)
        ) as entered_at_event,
        coalesce(
            max(case when action = 'pageview' then event_in_session end), max(event_in_session)
        ) as left_at_event,
        max(case when segment is not null then event_in_session end) as segment_at_event,
        min(event_at) as started_at,
        max(event_at) as ended_at
        {%- for column in own_columns('extra_columns') %},
        min(
            case
                when action = 'pageview' and extra__{{ column['name'] }} is not null
                    then event_in_session
            end
        ) as extra__{{ column['name'] }}_at_event
        {%- endfor %}
    from events
    group by session_key
),

---------- entry and exit events

entry_keys as (
    select
        events.event_key,
        events.session_key,
        events.post_key
    from events
    inner join totals
        on
            events.session_key = totals.session_key
            and events.event_in_session = totals.entered_at_event
),

entries as (
    select
        stg_events.*,
        entry_keys.session_key,
        entry_keys.post_key,
        stg_events.has_tracker_session
        and coalesce(stg_events.session_entry_url, stg_events.session_referrer_url) is not null
            as has_session_source
    from stg_events
    inner join entry_keys on stg_events.event_key = entry_keys.event_key
),

exit_keys as (
    select
        events.event_key,
        events.session_key,
        events.post_key
    from events
    inner join totals
        on
            events.session_key = totals.session_key
            and events.event_in_session = totals.left_at_event
),

exits as (
    select
        exit_keys.session_key,
        exit_keys.post_key,
        stg_events.page_clean_url
    from stg_events
    inner join exit_keys on stg_events.event_key = exit_keys.event_key
),

last_segments as (
    select
        events.session_key,
        events.segment
    from events
    inner join totals
        on
            events.session_key = totals.session_key
            and events.event_in_session = totals.segment_at_event
),
{%- if own_columns('extra_columns') %}

-- The value of a column of the publisher's own is the first that a pageview has.
first_values as (
    select
        events.session_key
        {%- for column in own_columns('extra_columns') %},
        {{ own_value_of_group(
            'case when events.event_in_session = totals.extra__' ~ column['name'] ~ '_at_event'
            ~ ' then events.extra__' ~ column['name'] ~ ' end',
            column,
        ) }} as extra__{{ column['name'] }}
        {%- endfor %}
    from events
    inner join totals on events.session_key = totals.session_key
    group by events.session_key
),
{%- endif %}

final as (
    select
        ---------- ids
        totals.session_key,
        entries.session_scope_key,
        entries.visitor_key,
        entries.site_id,
        case
            when not {{ is_shared_visitor_id('entries.visitor_site_id') }} then entries.visitor_site_id
        end as visitor_site_id,
        entries.post_key as entry_post_key,
        exits.post_key as exit_post_key,

        ---------- text
        entries.page_clean_url as entry_page_url,
        exits.page_clean_url as exit_page_url,
        -- Taken from the first page when the tracker recorded no value for the session.
        {%- for from_tracker, from_page, name in [
            ('session_referrer_url', 'referrer_url', 'source_url'),
            ('source_class', 'referrer_class', 'source_class'),
            ('source_name', 'referrer_name', 'source_name'),
            ('entry_campaign', 'campaign', 'campaign'),
            ('entry_campaign_medium', 'campaign_medium', 'campaign_medium'),
            ('entry_campaign_source', 'campaign_source', 'campaign_source'),
            ('entry_campaign_content', 'campaign_content', 'campaign_content'),
            ('entry_campaign_term', 'campaign_term', 'campaign_term'),
            ('entry_campaign_channel', 'campaign_channel', 'campaign_channel'),
        ] %}
        case
            when entries.has_session_source then entries.{{ from_tracker }}
            else entries.{{ from_page }}
        end as {{ name }},
        {%- endfor %}
        entries.channel,
        entries.device_class,
        entries.browser,
        entries.os,
        entries.country_code,
        entries.region_code,
        entries.city_name,
        last_segments.segment,

        ---------- numbers
        case when entries.has_tracker_session then entries.session_id end
            as tracker_session_number,
        totals.events,
        totals.pageviews,
        totals.posts,
        totals.engaged_seconds,
        totals.video_starts,
        totals.video_watch_seconds,
        totals.conversions,

        ---------- booleans
        entries.has_tracker_session,

        ---------- times
        totals.started_at,
        totals.ended_at,
        entries.previous_session_timestamp_at
        {{- own_columns_of('first_values') }}
    from totals
    inner join entries on totals.session_key = entries.session_key
    inner join exits on totals.session_key = exits.session_key
    left join last_segments on totals.session_key = last_segments.session_key
    {%- if own_columns('extra_columns') %}
    inner join first_values on totals.session_key = first_values.session_key
    {%- endif %}
)

select * from final
{{ stored_in_order_of(['cast(started_at as date)', 'entry_page_url']) }}
