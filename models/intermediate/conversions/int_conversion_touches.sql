{{ config(
    materialized='incremental',
    unique_key='visitor_key',
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
    access='private',
    contract={'enforced': false},
) }}

-- One row per conversion and post or page that the visitor viewed in the attribution window. The
-- pageview of the conversion is included even when its clock is later. The page of the conversion
-- is a touchpoint of every conversion that has one, viewed or not.
with attribution as (
    select *
    from {{ ref('int_action_attribution') }}
    where
        action = 'conversion'
        and {{ is_affected('visitor_key') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

pageviews as (
    select * from {{ ref('int_pageviews') }} where not is_orphan
),

fct_sessions as (
    select * from {{ ref('fct_sessions') }}
),

conversions as (
    select
        attribution.event_key as conversion_key,
        attribution.session_key,
        attribution.pageview_key,
        attribution.visitor_key,
        attribution.site_id,
        coalesce(page_posts.post_key, attribution.page_key) as post_key,
        attribution.event_at as converted_at
    from attribution
    left join page_posts on attribution.page_key = page_posts.page_key
),

views_before as (
    select
        conversions.conversion_key,
        conversions.post_key as conversion_post_key,
        pageviews.post_key,
        pageviews.session_key,
        pageviews.pageview_in_session,
        1 as views,
        pageviews.viewed_at as touched_at
    from conversions
    inner join pageviews
        on
            conversions.visitor_key = pageviews.visitor_key
            and (
                pageviews.viewed_at between {{ plus_seconds(
                    'conversions.converted_at',
                    (var('attribution_window_days') * -86400) | int
                ) }} and conversions.converted_at
                or conversions.pageview_key = pageviews.pageview_key
            )
),

---------- page of the conversion, when not viewed

page_not_seen as (
    select conversion_key
    from views_before
    group by conversion_key
    having max(case when post_key = conversion_post_key then 1 else 0 end) = 0
),

conversion_pages as (
    select
        conversions.conversion_key,
        conversions.post_key as conversion_post_key,
        conversions.post_key,
        conversions.session_key,
        cast(null as bigint) as pageview_in_session,
        0 as views,
        conversions.converted_at as touched_at
    from conversions
    inner join page_not_seen on conversions.conversion_key = page_not_seen.conversion_key
),

steps as (
    select * from views_before
    union all
    select * from conversion_pages
),

ordered_steps as (
    select
        *,
        row_number() over (
            partition by conversion_key
            order by views desc, touched_at, session_key, pageview_in_session
        ) as step
    from steps
),

touches as (
    select
        conversion_key,
        conversion_post_key,
        post_key,
        sum(views) as views,
        min(step) as first_step,
        max(step) as last_step,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at
    from ordered_steps
    group by conversion_key, conversion_post_key, post_key
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['touches.conversion_key', 'touches.post_key']) }} as touchpoint_key,
        touches.conversion_key,
        first_steps.session_key,
        conversions.visitor_key,
        conversions.site_id,
        touches.post_key,

        ---------- text
        fct_sessions.acquisition_channel,
        fct_sessions.source_class,
        fct_sessions.source_name,

        ---------- numbers
        cast(touches.views as bigint) as views,
        cast(row_number() over (
            partition by touches.conversion_key order by touches.first_step
        ) as bigint) as position,
        touches.last_step,
        count(*) over (partition by touches.conversion_key) as touches,

        ---------- booleans
        touches.post_key = touches.conversion_post_key as is_conversion_page,

        ---------- times
        touches.first_touched_at,
        touches.last_touched_at,
        conversions.converted_at
    from touches
    inner join conversions on touches.conversion_key = conversions.conversion_key
    inner join ordered_steps as first_steps
        on
            touches.conversion_key = first_steps.conversion_key
            and touches.first_step = first_steps.step
    inner join fct_sessions on first_steps.session_key = fct_sessions.session_key
)

select * from final
