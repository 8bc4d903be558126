{{ config(materialized='view') }}

-- The referrer class of hosts: every observed host, and every entry and name of the referrer list,
-- including apps. An entry for the host itself, or for a subdomain, takes precedence over one for
-- the domain: news.google.com is an aggregator, google.com a search engine.
with observed_hosts as (
    select * from {{ ref('base_hosts') }}
),

referrer_classes as (
    select * from {{ ref('referrer_classes') }}
),

lines_and_names as (
    select
        referrer as host,
        referrer_class,
        referrer_name,
        1 as rank_of_kind
    from referrer_classes
    union all
    select
        {{ normalized_name('referrer_name') }} as host,
        referrer_class,
        referrer_name,
        2 as rank_of_kind
    from referrer_classes
),

ranked as (
    select
        lines_and_names.*,
        row_number() over (
            partition by host
            order by rank_of_kind, referrer_class, referrer_name
        ) as host_rank
    from lines_and_names
),

listed as (
    select
        host,
        referrer_class,
        referrer_name
    from ranked
    where host_rank = 1
),

hosts as (
    select
        coalesce(observed_hosts.host, listed.host) as host,
        observed_hosts.registrable_domain,
        observed_hosts.search_engine,
        listed.host is not null as is_listed
    from observed_hosts
    full outer join listed on observed_hosts.host = listed.host
),

lines as (
    select
        parents.host,
        parents.parent,
        parents.labels_cut,
        hosts.registrable_domain,
        listed.referrer_class,
        listed.referrer_name,
        row_number() over (
            partition by parents.host
            order by parents.labels_cut, parents.listed_as desc
        ) as match_rank
    from {{ host_parents('hosts', 'host') }} as parents
    inner join listed on parents.listed_as = listed.host
    inner join hosts on parents.host = hosts.host
    where {{ holds_for_host('listed.referrer_class', 'parents', 'hosts.registrable_domain') }}
),

final as (
    select
        hosts.host,
        coalesce(hosts.registrable_domain, {{ without_match('hosts.host', '^www[.]') }}) as domain,
        hosts.search_engine,
        case
            when
                lines.parent <> hosts.registrable_domain
                or lines.parent = {{ without_match('hosts.host', '^www[.]') }}
                then lines.referrer_class
        end as host_class,
        coalesce(
            lines.referrer_class,
            case when hosts.search_engine is not null then 'search' end,
            'other'
        ) as referrer_class,
        coalesce(
            lines.referrer_name, hosts.search_engine, hosts.registrable_domain, hosts.host
        ) as referrer_name,
        hosts.is_listed
    from hosts
    left join lines on hosts.host = lines.host and lines.match_rank = 1
)

select * from final
