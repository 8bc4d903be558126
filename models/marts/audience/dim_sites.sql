with stg_events as (
    select * from {{ ref('stg_events') }}
),

sites as (
    select * from {{ ref('sites') }}
),

observed as (
    select
        site_id,
        count(*) as events,
        min(event_at) as first_event_at,
        max(event_at) as newest_event_at
    from stg_events
    group by site_id
),

final as (
    select
        observed.site_id,
        coalesce(sites.site_name, observed.site_id) as site_name,
        {{ site_time_zone('sites') }} as time_zone,
        observed.events,
        sites.site_id is not null as is_listed,
        observed.first_event_at,
        observed.newest_event_at,
        {% if var('as_of') -%}
        cast('{{ var("as_of") }}' as timestamp) as as_of_at
        {%- else -%}
        observed.newest_event_at as as_of_at
        {%- endif %}
    from observed
    left join sites on observed.site_id = sites.site_id
)

select * from final
