-- Posts whose last hours differ from what is usual for the site at that hour of the week, for a
-- post of that age, and for this post, as of the newest event of the site.
--
-- The views of a typical post in an hour are the usual views of the hour times the usual share of
-- its age. The post's baseline gives its multiple of the typical post, smoothed by one mean hour of
-- the typical post, which is all there is for a new post. Hours end at as-of. Shares are counted in
-- billionths of a view, in integers, so that sums do not depend on the order.
{%- set window_hours = var('trending_window_hours') -%}
{%- set compared_hours = window_hours + var('trending_baseline_hours') -%}
{%- set threshold = var('trending_score_threshold') -%}
{%- set minimum_views = var('trending_minimum_views') %}

with int_pageviews as (
    select * from {{ ref('int_pageviews') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

windows as (
    select * from {{ ref('int_trending_windows') }}
),

usual_hours as (
    select * from {{ ref('int_usual_hours') }}
),

age_shares as (
    select * from {{ ref('int_age_shares') }}
),

evergreen_posts as (
    select * from {{ ref('evergreen_posts') }}
),

posts as (
    select
        *,
        {{ live_since('dim_posts') }} as live_since_at
    from dim_posts
),

---------- posts read

counted as (
    select
        int_pageviews.post_key,
        sum(
            case when int_pageviews.viewed_at > windows.window_starts_at
                then int_pageviews.views else 0 end
        ) as views,
        sum(
            case when int_pageviews.viewed_at > windows.window_starts_at
                then int_pageviews.engaged_seconds else 0 end
        ) as engaged_seconds,
        sum(
            case when int_pageviews.viewed_at <= windows.window_starts_at
                then int_pageviews.views else 0 end
        ) as baseline_views,
        sum(
            case when int_pageviews.viewed_at <= windows.window_starts_at
                then int_pageviews.engaged_seconds else 0 end
        ) as baseline_engaged_seconds
    from windows
    inner join int_pageviews
        on
            windows.site_id = int_pageviews.site_id
            and windows.baseline_starts_at < int_pageviews.viewed_at
            and windows.as_of_at >= int_pageviews.viewed_at
    group by int_pageviews.post_key
),

read_posts as (
    select
        posts.*,
        counted.views,
        counted.engaged_seconds,
        counted.baseline_views,
        counted.baseline_engaged_seconds
    from counted
    inner join posts on counted.post_key = posts.post_key
),

---------- views of a typical post of that age

-- Age shares are computed by clock hour; the middle of an hour decides which clock hour it is.
lived_hours as (
    select
        read_posts.post_key,
        read_posts.site_id,
        usual_hours.hours_before,
        usual_hours.usual_views,
        {{ least_of([
            seconds_between(
                'read_posts.live_since_at',
                plus_seconds('windows.as_of_at', '-3600 * usual_hours.hours_before')
            ),
            3600,
        ]) }} as lived_seconds,
        {{ greatest_of([
            seconds_between(
                dbt.date_trunc('hour', 'read_posts.live_since_at'),
                plus_seconds('windows.as_of_at', '-3600 * usual_hours.hours_before - 1800')
            ),
            0,
        ]) }} as age_seconds
    from read_posts
    inner join windows on read_posts.site_id = windows.site_id
    inner join usual_hours on read_posts.site_id = usual_hours.site_id
),

typical_hours as (
    select
        lived_hours.post_key,
        lived_hours.hours_before,
        {{ round_to_integer(
            'age_shares.usual_share * lived_hours.usual_views * lived_hours.lived_seconds / 3600'
            ~ ' * 1000000000'
        ) }} as billionths
    from lived_hours
    inner join age_shares
        on
            lived_hours.site_id = age_shares.site_id
            and lived_hours.age_seconds >= age_shares.from_age_seconds
            and (
                age_shares.to_age_seconds is null
                or lived_hours.age_seconds < age_shares.to_age_seconds
            )
    where lived_hours.lived_seconds > 0
),

typical as (
    select
        post_key,
        cast(sum(case when hours_before < {{ window_hours }} then billionths else 0 end) as bigint)
            as window_billionths,
        cast(sum(case when hours_before >= {{ window_hours }} then billionths else 0 end) as bigint)
            as baseline_billionths
    from typical_hours
    group by post_key
),

typical_views as (
    select
        post_key,
        {{ quotient('window_billionths', '1000000000') }} as typical_views,
        {{ quotient('baseline_billionths', '1000000000') }} as typical_baseline_views,
        {{ quotient('window_billionths + baseline_billionths', 1000000000 * compared_hours) }}
            as typical_hour_views
    from typical
),

---------- expected views of this post

site_engagement as (
    select
        site_id,
        {{ quotient('sum(baseline_engaged_seconds)', 'sum(baseline_views)') }} as seconds_per_view
    from read_posts
    group by site_id
),

expected as (
    select
        read_posts.*,
        typical_views.typical_views,
        typical_views.typical_views
        * (read_posts.baseline_views + typical_views.typical_hour_views)
        / (typical_views.typical_baseline_views + typical_views.typical_hour_views)
            as expected_views,
        (read_posts.baseline_engaged_seconds + coalesce(site_engagement.seconds_per_view, 0))
        / (read_posts.baseline_views + 1) as expected_seconds_per_view
    from read_posts
    inner join typical_views on read_posts.post_key = typical_views.post_key
    inner join site_engagement on read_posts.site_id = site_engagement.site_id
    where typical_views.typical_views > 0
),

scored as (
    select
        expected.*,
        windows.as_of_at,
        expected.expected_views * expected.expected_seconds_per_view as expected_engaged_seconds,
        {{ rounded(
            '(expected.views - expected.expected_views) / sqrt(expected.expected_views + 1)', 2
        ) }} as score,
        expected.live_since_at > windows.baseline_starts_at as is_new,
        coalesce(evergreen_posts.is_evergreen, false) as is_evergreen,
        expected.baseline_views >= {{ minimum_views }} as has_past
    from expected
    inner join windows on expected.site_id = windows.site_id
    left join evergreen_posts on expected.post_key = evergreen_posts.post_key
),

measured_posts as (
    select *
    from scored
    where
        views >= {{ minimum_views }}
        or (expected_views >= {{ minimum_views }} and has_past)
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
            when score >= {{ threshold }} then 'rising'
            when score <= -{{ threshold }} and has_past then 'fading'
            when is_new then 'new'
            when is_evergreen then 'evergreen'
            else 'steady'
        end as state,

        ---------- numbers
        cast(row_number() over (
            partition by site_id
            order by score desc, views desc, post_key
        ) as bigint) as position,
        cast(views as bigint) as views,
        {{ rounded('expected_views', 2) }} as expected_views,
        {{ rounded('typical_views', 2) }} as typical_views,
        score,
        cast(engaged_seconds as bigint) as engaged_seconds,
        {{ round_to_integer('expected_engaged_seconds') }} as expected_engaged_seconds,
        {{ rounded(quotient('engaged_seconds', round_to_integer('expected_engaged_seconds')), 2) }}
            as engaged_ratio,
        cast(baseline_views as bigint) as baseline_views,

        ---------- booleans
        is_new,
        is_evergreen,

        ---------- times
        live_since_at,
        first_viewed_at,
        as_of_at
    from measured_posts
)

select * from final
