-- A lower bound for builds: the core results of the models, in hand-written SQL for DuckDB only, from
-- raw.events. It computes valid, unique events; sessions; engaged seconds by pageview; and the hourly
-- rollup. Keys are 64-bit hashes, which suffice for a benchmark but not for a warehouse. Rows are
-- narrow, and what only duplicates need is computed only for duplicates. Nothing here is traceable,
-- incremental, documented or tested. bench/limit.py runs it.

-- Each distinct address is parsed once.
create temp table addresses as
with reported as (
    select distinct trim(url) as url from raw.events
    union
    select distinct trim(referrer) as url from raw.events
    union
    select distinct trim(metadata_canonical_url) as url from raw.events
),

parts as (
    select
        url,
        lower(nullif(regexp_extract(
            url,
            '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?'
            || '([[][^]]*[]]|[^/?#:[][^/?#:]*|[[][^]/?#:]*)?',
            1
        ), '')) as host,
        nullif(regexp_extract(url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/[^?#]*)', 1), '') as path
    from reported
    where url <> ''
)

select
    url,
    host,
    path,
    regexp_replace(host, '^www[.]', '') || coalesce(regexp_replace(path, '/+$', ''), '')
        as address,
    regexp_full_match(url, '(?i)https?://[^[:space:]/?#]+([/?#][^\n]*)?') as is_parsable
from parts;

create temp table agents as
select
    user_agent,
    bool_or(is_bot) as is_bot,
    max(device_type) as device_class
from raw.user_agents
group by user_agent;

-- A narrow row for each valid event, including copies.
create table event_rows as
with landed as (
    select
        events.rowid as raw_row,
        nullif(trim(events.apikey), '') as site_id,
        lower(nullif(trim(events.event_id), '')) as event_id,
        nullif(trim(events.visitor_site_id), '') as visitor_id,
        events.session_id,
        case
            when events.session_timestamp between -62135596800000 and 253402300799999
                then epoch_ms(events.session_timestamp)
        end as session_at,
        nullif(trim(events.action), '') as action,
        nullif(trim(events.ts_action), '') as action_text,
        epoch_ms(events.timestamp_info_nginx_ms) as received_at,
        epoch_ms(events.timestamp_info_override_ms) as override_at,
        nullif(trim(events.pageview_id), '') as pageview_id,
        events.engaged_time_inc as engaged_seconds,
        nullif(trim(events.ua_browser), '') as browser,
        nullif(trim(events.user_agent), '') as user_agent,
        lower(nullif(trim(events.ua_devicetype), '')) as recorded_device_class,
        lower(nullif(trim(events.ref_category), '')) as referrer_class,
        nullif(trim(events.metadata_post_id), '') as post_id,
        events.extra_data,
        events.visitor_ip,
        events.display_total_width as screen_width,
        events.display_total_height as screen_height,
        pages.host,
        pages.address,
        pages.is_parsable,
        referrers.host as referrer_host,
        referrers.address as referrer_address,
        canonicals.address as canonical_address
    from raw.events as events
    left join addresses as pages on trim(events.url) = pages.url
    left join addresses as referrers on trim(events.referrer) = referrers.url
    left join addresses as canonicals on trim(events.metadata_canonical_url) = canonicals.url
    where events._dlt_load_id in (select load_id from raw._dlt_loads where status = 0)
),

timed as (
    select
        *,
        try_cast(action_text as timestamp) as action_at,
        coalesce(try_cast(action_text as timestamp), override_at, received_at) as event_at,
        session_id is not null and session_at is not null as has_tracker_session,
        json_extract_string(try_cast(extra_data as json), '$."_conversion_type"')
            as conversion_type,
        action in ('heartbeat', 'vheartbeat') as is_beat
    from landed
),

valid as (
    select *
    from timed
    where
        site_id is not null
        and event_id is not null
        and visitor_id is not null
        and length(site_id) <= 256
        and length(visitor_id) <= 256
        and regexp_full_match(site_id, '[^[:cntrl:]]+')
        and regexp_full_match(visitor_id, '[^[:cntrl:]]+')
        and regexp_full_match(event_id, '0x[0-9a-f]{32}')
        and received_at is not null
        and (action_text is null or action_at is not null)
        and event_at between timestamp '2000-01-01' and timestamp '2100-01-01'
        and event_at <= received_at + interval 1 day
        and action is not null
        and host is not null
        and is_parsable
        and (not is_beat or coalesce(engaged_seconds between 1 and 900, false))
        and (is_beat or coalesce(engaged_seconds, 0) = 0)
        and (
            action <> 'conversion'
            or coalesce(conversion_type, 'custom') in (
                'newsletter_signup', 'lead_capture', 'link_click', 'subscription', 'purchase',
                'custom'
            )
        )
        and (
            action = 'conversion'
            or not contains(coalesce(cast(extra_data as varchar), ''), '_conversion_')
            or coalesce(
                conversion_type,
                json_extract_string(try_cast(extra_data as json), '$."_conversion_label"')
            ) is null
        )
)

select
    valid.raw_row,
    valid.site_id,
    valid.action,
    valid.has_tracker_session,
    hash(valid.site_id, valid.event_id) as event_key,
    hash(valid.site_id, valid.visitor_id) as visitor_key,
    case
        when valid.has_tracker_session
            then hash(valid.site_id, valid.visitor_id, valid.session_id, valid.session_at)
    end as tracker_session_key,
    hash(valid.site_id, valid.address) as page_key,
    case
        when valid.referrer_address is not null
            then hash(valid.site_id, valid.referrer_address)
    end as referrer_page_key,
    case
        when valid.action in ('videostart', 'vheartbeat') then null
        when valid.post_id is not null and valid.post_id not like '%://%'
            then hash(valid.site_id, 'post id', valid.post_id)
        when valid.canonical_address is not null
            then hash(valid.site_id, valid.canonical_address)
    end as named_post_key,
    case when valid.pageview_id is not null then hash(valid.pageview_id) end as pageview_id_hash,
    case when valid.is_beat then valid.engaged_seconds end as engaged_seconds,
    valid.event_at,
    valid.received_at,
    coalesce(agents.is_bot, false)
    or coalesce(regexp_matches(valid.browser, '(?i)(bot|crawler|spider)'), false) as is_bot,
    coalesce(valid.recorded_device_class, agents.device_class, 'other') as device_class,
    valid.referrer_class,
    valid.host = valid.referrer_host as is_internal,
    case
        when valid.visitor_ip is not null and valid.user_agent is not null
            then hash(
                valid.site_id, valid.visitor_ip, valid.user_agent, valid.screen_width,
                valid.screen_height
            )
    end as fingerprint
from valid
left join agents on valid.user_agent = agents.user_agent;

-- Only events with copies are ranked, by a hash of the whole record.
create temp table lost_copies as
with repeated as (
    select event_key
    from event_rows
    group by event_key
    having count(*) > 1
),

copies as (
    select raw_row, event_key, event_at, received_at
    from event_rows
    where event_key in (select repeated.event_key from repeated)
),

records as (
    select
        events.rowid as raw_row,
        hash(events) as record_hash
    from raw.events as events
    where events.rowid in (select copies.raw_row from copies)
),

ranked as (
    select
        copies.raw_row,
        row_number() over (
            partition by copies.event_key
            order by copies.event_at, copies.received_at, records.record_hash, copies.raw_row
        ) as copy_rank
    from copies
    inner join records on copies.raw_row = records.raw_row
)

select raw_row from ranked where copy_rank > 1;

-- Visitors that the bot rules would examine.
create temp table suspects as
select visitor_key as suspect
from event_rows
group by visitor_key, page_key
having count(*) >= 600
union
select fingerprint as suspect
from event_rows
where fingerprint is not null
group by fingerprint, cast(event_at as date)
having count(distinct visitor_key) >= 50;

create table session_events as
with counted as (
    select *
    from event_rows
    where not is_bot and raw_row not in (select lost_copies.raw_row from lost_copies)
),

gaps as (
    select
        *,
        case
            when event_at - lag(event_at) over in_order < interval 30 minute then 0
            else 1
        end as opens_session
    from counted
    where not has_tracker_session
    window in_order as (
        partition by visitor_key
        order by event_at, received_at, action <> 'pageview', event_key
    )
),

untracked as (
    select
        * exclude (opens_session),
        hash(visitor_key, sum(opens_session) over (
            partition by visitor_key
            order by event_at, received_at, action <> 'pageview', event_key
            rows unbounded preceding
        )) as session_key
    from gaps
),

in_sessions as (
    select *, tracker_session_key as session_key from counted where has_tracker_session
    union all
    select * from untracked
)

select
    *,
    row_number() over (
        partition by session_key
        order by event_at, received_at, action <> 'pageview', event_key
    ) as event_in_session
from in_sessions;

create temp table page_posts as
select
    page_key,
    arg_max(named_post_key, event_at) as post_key
from event_rows
where named_post_key is not null
group by page_key;

-- Heartbeats go to the pageview with their id; without an id, to that of their page. Orphan engagement
-- has a row of its own.
create table pageviews as
with by_id as (
    select
        *,
        coalesce(
            max(case when action = 'pageview' then event_in_session end) over (
                partition by session_key, pageview_id_hash
                order by event_at
                range unbounded preceding
            ),
            min(case when action = 'pageview' then event_in_session end) over (
                partition by session_key, pageview_id_hash
            )
        ) as view_position
    from (
        select session_key, event_in_session, action, pageview_id_hash, page_key, engaged_seconds, event_at
        from session_events
        where pageview_id_hash is not null and action in ('pageview', 'heartbeat')
    ) as with_id
),

by_page as (
    select
        *,
        coalesce(
            max(case when action = 'pageview' then event_in_session end) over (
                partition by session_key, page_key
                order by event_at
                range unbounded preceding
            ),
            min(case when action = 'pageview' then event_in_session end) over (
                partition by session_key, page_key
            )
        ) as view_position
    from (
        select session_key, event_in_session, action, pageview_id_hash, page_key, engaged_seconds, event_at
        from session_events
        where
            action in ('pageview', 'heartbeat')
            and (session_key, page_key) in (
                select (beats.session_key, beats.page_key)
                from session_events as beats
                where beats.pageview_id_hash is null and beats.action = 'heartbeat'
            )
    ) as of_pages
),

placed_beats as (
    select * from by_id where action = 'heartbeat'
    union all
    select * from by_page where action = 'heartbeat' and pageview_id_hash is null
),

engaged as (
    select
        session_key,
        view_position,
        sum(engaged_seconds) as engaged_seconds,
        min(event_in_session) as first_beat
    from placed_beats
    group by
        session_key,
        view_position,
        case when view_position is null then coalesce(pageview_id_hash, page_key) end
),

orphans as (
    select session_key, first_beat
    from engaged
    where view_position is null
),

leading_events as (
    select
        events.session_key,
        events.event_in_session,
        events.visitor_key,
        events.site_id,
        events.page_key,
        events.referrer_page_key,
        events.is_internal,
        events.device_class,
        events.referrer_class,
        events.event_at,
        events.action = 'pageview' as is_view
    from session_events as events
    left join orphans
        on
            events.session_key = orphans.session_key
            and events.event_in_session = orphans.first_beat
    where events.action = 'pageview' or orphans.session_key is not null
)

select
    leading_events.session_key,
    leading_events.visitor_key,
    leading_events.site_id,
    coalesce(posts.post_key, leading_events.page_key) as post_key,
    case
        when leading_events.is_internal
            then coalesce(referrer_posts.post_key, leading_events.referrer_page_key)
    end as referrer_post_key,
    leading_events.device_class,
    leading_events.referrer_class,
    leading_events.event_at,
    date_trunc('hour', leading_events.event_at) as hour_at,
    cast(leading_events.is_view as integer) as views,
    coalesce(engaged.engaged_seconds, 0) as engaged_seconds,
    row_number() over in_session as pageview_in_session,
    lead(coalesce(posts.post_key, leading_events.page_key)) over in_session as next_post_key
from leading_events
left join engaged
    on
        leading_events.session_key = engaged.session_key
        and leading_events.event_in_session = coalesce(engaged.view_position, engaged.first_beat)
left join page_posts as posts on leading_events.page_key = posts.page_key
left join page_posts as referrer_posts on leading_events.referrer_page_key = referrer_posts.page_key
window in_session as (
    partition by leading_events.session_key, leading_events.is_view
    order by leading_events.event_in_session
);

create table sessions as
with summed as (
    select
        session_key,
        any_value(visitor_key) as visitor_key,
        any_value(site_id) as site_id,
        count(*) as events,
        count(*) filter (where action = 'pageview') as pageviews,
        coalesce(sum(engaged_seconds) filter (where action = 'heartbeat'), 0) as engaged_seconds,
        count(*) filter (where action = 'videostart') as video_starts,
        count(*) filter (where action = 'conversion') as conversions,
        min(event_at) as started_at,
        max(event_at) as ended_at,
        arg_min(
            raw_row, case when action = 'pageview' then 0 else 1000000000 end + event_in_session
        ) as entry_row,
        arg_min(
            raw_row, case when action = 'pageview' then 0 else 1000000000 end - event_in_session
        ) as exit_row
    from session_events
    group by session_key
)

select
    *,
    row_number() over (partition by visitor_key order by started_at) as session_in_visitor,
    max(ended_at) over (
        partition by visitor_key
        order by started_at
        rows between unbounded preceding and 1 preceding
    ) as seen_before_at
from summed;

create table hours as
with activity as (
    select
        site_id, post_key, hour_at, referrer_class, device_class, visitor_key, views,
        engaged_seconds, 0 as recirculated_views
    from pageviews
    union all
    select
        site_id, referrer_post_key, hour_at, referrer_class, device_class, null, 0, 0, 1
    from pageviews
    where views = 1 and referrer_post_key <> post_key
)

select
    site_id,
    post_key,
    hour_at,
    referrer_class,
    device_class,
    sum(views) as views,
    count(distinct visitor_key) as visitors,
    sum(engaged_seconds) as engaged_seconds,
    sum(recirculated_views) as recirculated_views
from activity
group by all;
