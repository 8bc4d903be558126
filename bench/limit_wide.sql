-- The wide table: a row for each valid, unique event, with the fields of the record and those derived
-- from its addresses and user agent. bench/limit.py runs it after limit.sql.

create temp table address_parts as
with others as (
    select distinct trim(session_initial_url) as url from raw.events
    union
    select distinct trim(session_initial_referrer) as url from raw.events
),

reported as (
    select url from addresses
    union
    select url from others where url <> ''
)

select
    url,
    nullif(regexp_extract(url, '^([A-Za-z][A-Za-z0-9+.-]*://[^?#]*)', 1), '') as clean_url,
    nullif(regexp_extract(url, '^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)', 1), '') as netloc,
    nullif(regexp_extract(url, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*(/[^?#]*)', 1), '') as path,
    nullif(regexp_extract(url, '^[^?#]*[?]([^#]*)', 1), '') as query,
    nullif(regexp_extract(url, '^[^#]*#([^\n]*)$', 1), '') as fragment,
    lower(nullif(regexp_extract(
        url,
        '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?'
        || '([[][^]]*[]]|[^/?#:[][^/?#:]*|[[][^]/?#:]*)?',
        1
    ), '')) as host
from reported;

create table staged as
with user_agents as (
    select distinct on (user_agent) *
    from raw.user_agents
)

select
    event_rows.*,
    events.* exclude (
        action, url_clean, url_netloc, url_path, url_query, url_fragment, ref_clean, ref_netloc,
        ref_path, ref_query, ref_fragment
    ),
    coalesce(nullif(trim(events.url_clean), ''), pages.clean_url) as page_clean_url,
    coalesce(nullif(trim(events.url_netloc), ''), pages.netloc) as page_netloc,
    coalesce(nullif(trim(events.url_path), ''), pages.path) as page_path,
    coalesce(nullif(trim(events.url_query), ''), pages.query) as page_query,
    coalesce(nullif(trim(events.url_fragment), ''), pages.fragment) as page_fragment,
    coalesce(nullif(trim(events.ref_clean), ''), referrers.clean_url) as referrer_clean_url,
    coalesce(nullif(trim(events.ref_netloc), ''), referrers.netloc) as referrer_netloc,
    coalesce(nullif(trim(events.ref_path), ''), referrers.path) as referrer_path,
    coalesce(nullif(trim(events.ref_query), ''), referrers.query) as referrer_query,
    referrers.host as referrer_host,
    coalesce(nullif(trim(events.surl_query), ''), entries.query) as session_entry_query,
    sources.host as session_referrer_host,
    coalesce(events.ua_browser, user_agents.browser) as browser,
    coalesce(events.ua_os, user_agents.os) as os,
    user_agents.os_version,
    user_agents.browser_version,
    user_agents.device_brand,
    user_agents.device_model
from event_rows
inner join raw.events as events on event_rows.raw_row = events.rowid
left join address_parts as pages on trim(events.url) = pages.url
left join address_parts as referrers on trim(events.referrer) = referrers.url
left join address_parts as entries on trim(events.session_initial_url) = entries.url
left join address_parts as sources on trim(events.session_initial_referrer) = sources.url
left join user_agents on trim(events.user_agent) = user_agents.user_agent
where event_rows.raw_row not in (select lost_copies.raw_row from lost_copies);
