with answers as (
    select * from {{ export('api_analytics_sections') }}
),

final as (
    select *
    from answers
    where period in ('{{ realtime_periods() | join("', '") }}')
)

select * from final
