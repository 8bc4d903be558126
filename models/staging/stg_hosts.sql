{{ config(materialized='view') }}

-- What a host is as a referrer. The host itself in the list of referrer classes says more than
-- its domain: news.google.com is an aggregator, google.com a search engine.
with hosts as (
    select * from {{ ref('base_hosts') }}
),

referrer_classes as (
    select * from {{ ref('referrer_classes') }}
),

final as (
    select
        hosts.host,
        coalesce(hosts.registrable_domain, {{ without_match('hosts.host', '^www[.]') }}) as domain,
        hosts.search_engine,
        host_classes.referrer_class as host_class,
        coalesce(
            host_classes.referrer_class,
            domain_classes.referrer_class,
            case when hosts.search_engine is not null then 'search' end,
            'other'
        ) as referrer_class,
        coalesce(
            host_classes.referrer_name,
            domain_classes.referrer_name,
            hosts.search_engine,
            hosts.registrable_domain,
            hosts.host
        ) as referrer_name
    from hosts
    left join referrer_classes as host_classes
        on {{ without_match('hosts.host', '^www[.]') }} = host_classes.domain
    left join referrer_classes as domain_classes
        on hosts.registrable_domain = domain_classes.domain
)

select * from final
