-- Every subscription is credited once, whether its reader was seen or not: no join multiplies money.
with sums as (
    select
        'subscriptions' as relation,
        sum(price) as revenue
    from {{ ref('subscriptions') }}
    union all
    select
        'by subscription' as relation,
        sum(price) as revenue
    from {{ ref('fct_subscriptions') }}
    union all
    select
        'by post' as relation,
        sum(revenue) as revenue
    from {{ ref('fct_post_revenue') }}
)

-- To the cent, since shares of a price are fractions.
select count(*) as sums
from sums
having count(distinct round(revenue, 2)) <> 1
