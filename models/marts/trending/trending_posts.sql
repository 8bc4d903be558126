-- Posts whose last hours differ from what the hours before would lead one to expect, as of the
-- newest event of their site.
{%- set window_seconds = var('trending_window_hours') ~ ' * 3600' -%}
{%- set baseline_seconds = var('trending_baseline_hours') ~ ' * 3600' %}

with fct_pageviews as (
    select * from {{ ref('fct_pageviews') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

windows as (
    select
        site_id,
        as_of_at,
        {{ plus_seconds('as_of_at', '-' ~ window_seconds) }} as window_starts_at,
        {{ plus_seconds('as_of_at', '-' ~ window_seconds ~ ' - ' ~ baseline_seconds) }}
            as baseline_starts_at
    from dim_sites
),

counted as (
    select
        windows.site_id,
        windows.as_of_at,
        windows.window_starts_at,
        windows.baseline_starts_at,
        fct_pageviews.post_key,
        sum(
            case when fct_pageviews.viewed_at > windows.window_starts_at
                then fct_pageviews.views else 0 end
        ) as views,
        sum(
            case when fct_pageviews.viewed_at > windows.window_starts_at
                then fct_pageviews.engaged_seconds else 0 end
        ) as engaged_seconds,
        sum(
            case when fct_pageviews.viewed_at <= windows.window_starts_at
                then fct_pageviews.views else 0 end
        ) as baseline_views
    from windows
    inner join fct_pageviews
        on
            windows.site_id = fct_pageviews.site_id
            and windows.baseline_starts_at < fct_pageviews.viewed_at
            and windows.as_of_at >= fct_pageviews.viewed_at
    group by
        windows.site_id, windows.as_of_at, windows.window_starts_at, windows.baseline_starts_at,
        fct_pageviews.post_key
),

-- A post younger than the baseline is held to the hours it has had, one at the least.
expected as (
    select
        counted.*,
        dim_posts.canonical_url,
        dim_posts.title,
        dim_posts.section,
        dim_posts.first_viewed_at,
        counted.baseline_views * {{ window_seconds }} * 1.0 / greatest(
            {{ seconds_between(
                'greatest(counted.baseline_starts_at, dim_posts.first_viewed_at)',
                'counted.window_starts_at'
            ) }},
            3600
        ) as expected_views,
        dim_posts.first_viewed_at > counted.baseline_starts_at as is_new
    from counted
    inner join dim_posts on counted.post_key = dim_posts.post_key
),

scored as (
    select
        *,
        (views - expected_views) / sqrt(expected_views + 1) as score
    from expected
    where
        views >= {{ var('trending_minimum_views') }}
        or expected_views >= {{ var('trending_minimum_views') }}
),

final as (
    select
        ---------- ids
        {{ surrogate_key(['site_id', 'post_key']) }} as trending_key,
        site_id,
        post_key,

        ---------- text
        canonical_url,
        title,
        section,
        case
            when is_new and score > 0 then 'new'
            when score >= {{ var('trending_score_threshold') }} then 'rising'
            when score <= -{{ var('trending_score_threshold') }} then 'fading'
            else 'steady'
        end as state,

        ---------- numbers
        cast(views as bigint) as views,
        cast(engaged_seconds as bigint) as engaged_seconds,
        cast(round(expected_views, 2) as {{ type_double() }}) as expected_views,
        cast(round(score, 2) as {{ type_double() }}) as score,

        ---------- times
        first_viewed_at,
        as_of_at
    from scored
)

select * from final
