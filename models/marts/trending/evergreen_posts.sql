-- Posts that still draw readers long after they went live. A day is green when its views exceed a
-- threshold that grows with the post's own best days, but more slowly: the higher they are, the
-- smaller the share of them a day needs.
{%- set recent_days = var('evergreen_recent_days') %}

with int_post_days as (
    select * from {{ ref('int_post_days') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }} where is_post
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

site_dates as (
    select
        site_id,
        time_zone,
        as_of_at,
        cast({{ at_time_zone('first_event_at', 'time_zone') }} as date) as first_event_date,
        cast({{ at_time_zone('as_of_at', 'time_zone') }} as date) as as_of_date
    from dim_sites
),

posts as (
    select
        dim_posts.*,
        site_dates.as_of_at,
        site_dates.as_of_date,
        site_dates.first_event_date,
        {{ live_since('dim_posts') }} as live_since_at,
        cast({{ at_time_zone(live_since('dim_posts'), 'site_dates.time_zone') }} as date)
            as live_since_date
    from dim_posts
    inner join site_dates on dim_posts.site_id = site_dates.site_id
),

-- Days before the site's first event are not days without views; their views are unknown.
aged_posts as (
    select
        *,
        {{ dbt.datediff('live_since_date', 'as_of_date', 'day') }} as days_live,
        {{ dbt.datediff(
            greatest_of(['live_since_date', 'first_event_date']), 'as_of_date', 'day'
        ) }} + 1
            as days_on_record
    from posts
),

old_posts as (
    select
        *,
        {{ least_of([
            greatest_of(['cast(floor(days_on_record / 10.0) as bigint)', 5]), 'days_on_record'
        ]) }} as best_days
    from aged_posts
    where days_live >= {{ var('evergreen_candidate_days') }}
),

---------- candidates with recent views

days_before as (
    {{ rows_of_numbers('days_before', 0, recent_days - 1) }}
),

recent_dates as (
    select
        site_dates.site_id,
        {{ plus_days('site_dates.as_of_date', '-1 * days_before.days_before') }} as viewed_date
    from site_dates
    cross join days_before
),

read_posts as (
    select int_post_days.post_key
    from int_post_days
    inner join recent_dates
        on
            int_post_days.site_id = recent_dates.site_id
            and int_post_days.viewed_date = recent_dates.viewed_date
    group by int_post_days.post_key
    having sum(int_post_days.views) >= {{ var('evergreen_minimum_views') }}
),

candidates as (
    select old_posts.*
    from old_posts
    inner join read_posts on old_posts.post_key = read_posts.post_key
),

---------- days of the candidates

days as (
    select
        int_post_days.post_key,
        int_post_days.viewed_date,
        sum(int_post_days.views) as views,
        sum(int_post_days.engaged_seconds) as engaged_seconds
    from int_post_days
    inner join candidates on int_post_days.post_key = candidates.post_key
    where int_post_days.viewed_date <= candidates.as_of_date
    group by int_post_days.post_key, int_post_days.viewed_date
),

ranked_days as (
    select
        days.*,
        candidates.best_days,
        {{ dbt.datediff('days.viewed_date', 'candidates.as_of_date', 'day') }} < {{ recent_days }}
            as is_recent,
        row_number() over (
            partition by days.post_key
            order by days.views desc, days.viewed_date
        ) as day_rank
    from days
    inner join candidates on days.post_key = candidates.post_key
),

totals as (
    select
        post_key,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds,
        sum(case when is_recent then views else 0 end) as recent_views,
        {{ quotient('sum(case when day_rank <= best_days then views else 0 end)', 'best_days') }}
            as best_day_views
    from ranked_days
    group by post_key, best_days
),

thresholds as (
    select
        *,
        {{ rounded('best_day_views * 30 * 0.01 / power(best_day_views, 0.3)', 2) }}
            as green_day_views
    from totals
),

green_days as (
    select
        ranked_days.post_key,
        count(*) as green_days,
        sum(case when ranked_days.is_recent then 1 else 0 end) as recent_green_days,
        max(ranked_days.viewed_date) as last_green_date
    from ranked_days
    inner join thresholds on ranked_days.post_key = thresholds.post_key
    where ranked_days.views > thresholds.green_day_views
    group by ranked_days.post_key
),

flagged_posts as (
    select
        candidates.*,
        thresholds.views,
        thresholds.engaged_seconds,
        thresholds.recent_views,
        thresholds.best_day_views,
        thresholds.green_day_views,
        coalesce(green_days.green_days, 0) as green_days,
        coalesce(green_days.recent_green_days, 0) as recent_green_days,
        coalesce(green_days.recent_green_days, 0) >= {{ var('evergreen_green_days') }} as is_green,
        green_days.last_green_date
    from thresholds
    inner join candidates on thresholds.post_key = candidates.post_key
    left join green_days on thresholds.post_key = green_days.post_key
),

final as (
    select
        ---------- ids
        post_key,
        site_id,

        ---------- text
        canonical_url,
        title,
        section,

        ---------- numbers
        cast(days_live as bigint) as days_live,
        cast(days_on_record as bigint) as days_on_record,
        cast(views as bigint) as views,
        cast(engaged_seconds as bigint) as engaged_seconds,
        cast(recent_views as bigint) as recent_views,
        cast(best_days as bigint) as best_days,
        {{ rounded('best_day_views', 2) }} as best_day_views,
        green_day_views,
        cast(green_days as bigint) as green_days,
        cast(recent_green_days as bigint) as recent_green_days,

        ---------- booleans
        is_green and days_live <= {{ var('evergreen_days') }} as is_evergreen_candidate,
        is_green and days_live > {{ var('evergreen_days') }} as is_evergreen,

        ---------- times
        last_green_date,
        live_since_at,
        as_of_at
    from flagged_posts
)

select * from final
