-- One row per distinct host of a page or a referrer. A repeated load may list a host twice.
with source_hosts as (
    {{ hosts_source() }}
),

final as (
    select
        host,
        max(registrable_domain) as registrable_domain,
        max(search_engine) as search_engine
    from source_hosts
    group by host
)

select * from final
