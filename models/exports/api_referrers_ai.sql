with referrers as (
    select * from {{ export('api_analytics_referrers') }}
),

final as (
    select *
    from referrers
    where type = 'ai'
)

select * from final
