-- Every pageview with a campaign, and every session entered through one, is counted once in the
-- campaigns, and a campaign's visitors are those it reached.
with carried as (
    select
        campaign_key,
        visitor_key,
        views,
        engaged_seconds,
        0 as sessions,
        0 as conversions
    from {{ ref('fct_pageviews') }}
    union all
    select
        campaign_key,
        visitor_key,
        0 as views,
        0 as engaged_seconds,
        1 as sessions,
        conversions
    from {{ ref('fct_sessions') }}
),

expected as (
    select
        campaign_key,
        count(distinct visitor_key) as visitors,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds,
        sum(sessions) as sessions,
        sum(conversions) as conversions
    from carried
    where campaign_key is not null
    group by campaign_key
),

dim_campaigns as (
    select * from {{ ref('dim_campaigns') }}
)

select
    expected.*,
    dim_campaigns.campaign_key as found_key,
    dim_campaigns.visitors as found_visitors,
    dim_campaigns.views as found_views,
    dim_campaigns.engaged_seconds as found_seconds,
    dim_campaigns.sessions as found_sessions,
    dim_campaigns.conversions as found_conversions
from expected
full outer join dim_campaigns on expected.campaign_key = dim_campaigns.campaign_key
where
    expected.campaign_key is null
    or dim_campaigns.campaign_key is null
    or expected.visitors <> dim_campaigns.visitors
    or expected.views <> dim_campaigns.views
    or expected.engaged_seconds <> dim_campaigns.engaged_seconds
    or expected.sessions <> dim_campaigns.sessions
    or expected.conversions <> dim_campaigns.conversions
