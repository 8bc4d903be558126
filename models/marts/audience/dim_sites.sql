with site_hours as (
    select * from {{ ref('int_site_hours') }}
),

sites as (
    select * from {{ ref('sites') }}
),

observed as (
    select
        site_id,
        cast(sum(events) as bigint) as events,
        min(first_event_at) as first_event_at,
        max(last_event_at) as newest_event_at
    from site_hours
    group by site_id
),

with_time_zones as (
    select
        observed.*,
        coalesce(sites.site_name, observed.site_id) as site_name,
        {{ site_time_zone('sites') }} as time_zone,
        sites.site_id is not null as is_listed,
        {% if var('as_of') -%}
        {{ as_timestamp("'" ~ var("as_of") ~ "'") }} as as_of_at
        {%- else -%}
        observed.newest_event_at as as_of_at
        {%- endif %}
    from observed
    left join sites on observed.site_id = sites.site_id
),

final as (
    select
        site_id,
        site_name,
        time_zone,
        events,
        is_listed,
        first_event_at,
        newest_event_at,
        as_of_at,
        cast({{ at_time_zone('first_event_at', 'time_zone') }} as date) as first_event_date,
        cast({{ at_time_zone('newest_event_at', 'time_zone') }} as date) as newest_event_date,
        cast({{ at_time_zone('as_of_at', 'time_zone') }} as date) as as_of_date
    from with_time_zones
)

select * from final
