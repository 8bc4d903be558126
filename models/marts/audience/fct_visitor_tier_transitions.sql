{{ config(materialized='view') }}

with visitor_tiers as (
    select * from {{ ref('fct_visitor_tiers') }}
),

post_authors as (
    select post_key, author from {{ ref('bridge_post_authors') }}
),

by_dimension as (
    select
        visitor_tiers.*,
        'all' as dimension,
        cast(null as {{ dbt.type_string() }}) as dimension_value
    from visitor_tiers
    union all
    select
        visitor_tiers.*,
        'channel' as dimension,
        visitor_tiers.acquisition_channel as dimension_value
    from visitor_tiers
    union all
    select
        visitor_tiers.*,
        'section' as dimension,
        visitor_tiers.entry_section as dimension_value
    from visitor_tiers
    union all
    -- For a post with several authors, each author gets all of its visitors.
    select
        visitor_tiers.*,
        'author' as dimension,
        post_authors.author as dimension_value
    from visitor_tiers
    left join post_authors on visitor_tiers.entry_post_key = post_authors.post_key
),

final as (
    select
        ---------- ids
        {{ surrogate_key([
            'site_id', 'window_start_date', 'dimension', 'dimension_value', 'previous_tier',
            'tier', 'transition',
        ]) }} as tier_transition_key,
        site_id,

        ---------- text
        dimension,
        dimension_value,
        tier,
        previous_tier,
        transition,

        ---------- numbers
        count(*) as visitors,
        cast(sum(sessions) as bigint) as sessions,

        ---------- booleans
        is_complete,
        is_comparable,

        ---------- times
        window_start_date,
        window_end_date
    from by_dimension
    group by
        site_id, dimension, dimension_value, tier, previous_tier, transition, is_complete,
        is_comparable, window_start_date, window_end_date
)

select * from final
