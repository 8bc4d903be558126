-- The usual share of a site's views that goes to a post of some age: the views of the posts that
-- went live within the history, by hours of age, divided by the views of all posts in the same
-- hours. This way the effect of age is not confounded with the time of day or with the growth of
-- the site.
{%- set ages = [0, 1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 120, 168] %}

with windows as (
    select * from {{ ref('int_trending_windows') }}
),

fct_engaged_time as (
    select * from {{ ref('fct_engaged_time') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

bands as (
    {%- for age in ages %}
    select
        {{ loop.index }} as age_band,
        {{ age * 3600 }} as from_age_seconds,
        {% if loop.last -%}
        cast(null as bigint)
        {%- else -%}
        {{ ages[loop.index] * 3600 }}
        {%- endif %} as to_age_seconds
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

posts as (
    select
        post_key,
        {{ live_since('dim_posts') }} as live_since_at
    from dim_posts
    where is_post
),

post_hours as (
    select
        windows.site_id,
        windows.first_event_at,
        windows.history_starts_at,
        windows.window_starts_at,
        fct_engaged_time.post_key,
        fct_engaged_time.views,
        posts.live_since_at,
        {{ dbt.date_trunc('hour', 'posts.live_since_at') }} as live_hour_at,
        fct_engaged_time.hour_at,
        fct_engaged_time.hour_at >= windows.baseline_starts_at as is_recent
    from windows
    inner join fct_engaged_time
        on
            windows.site_id = fct_engaged_time.site_id
            and windows.history_starts_at <= fct_engaged_time.hour_at
            and windows.as_of_at >= fct_engaged_time.hour_at
    inner join posts on fct_engaged_time.post_key = posts.post_key
    where fct_engaged_time.views > 0
),

-- Whole hours before the window, which is excluded because its views are what the model explains.
history as (
    select *
    from post_hours
    where {{ plus_seconds('hour_at', 3600) }} <= window_starts_at
),

site_hours as (
    select
        site_id,
        hour_at,
        cast(sum(views) as bigint) as views
    from history
    group by site_id, hour_at
),

-- Posts known since their first hour.
cohort as (
    select distinct
        site_id,
        post_key,
        live_hour_at,
        live_since_at
    from history
    where live_hour_at >= history_starts_at and live_since_at >= first_event_at
),

live_hours as (
    select
        site_id,
        live_hour_at,
        count(*) as posts,
        sum(3600 - {{ seconds_between('live_hour_at', 'live_since_at') }})
            as seconds_in_first_hour
    from cohort
    group by site_id, live_hour_at
),

---------- views of the cohort by age

with_ages as (
    select
        history.site_id,
        history.views,
        {{ seconds_between('history.live_hour_at', 'history.hour_at') }} as age_seconds
    from history
    inner join cohort on history.post_key = cohort.post_key
),

with_age_bands as (
    select
        site_id,
        views,
        case
            {%- for age in ages[1:] %}
            when age_seconds < {{ age * 3600 }} then {{ loop.index }}
            {%- endfor %}
            else {{ ages | length }}
        end as age_band
    from with_ages
),

views_by_age as (
    select
        site_id,
        age_band,
        cast(sum(views) as bigint) as post_views
    from with_age_bands
    group by site_id, age_band
),

---------- views of the site meanwhile, once per post

live_hour_bands as (
    select
        live_hours.site_id,
        bands.age_band,
        case
            when bands.age_band = 1 then live_hours.seconds_in_first_hour
            else 3600 * live_hours.posts
        end as weight,
        {{ plus_seconds('live_hours.live_hour_at', 'bands.from_age_seconds') }} as starts_at,
        {{ plus_seconds('live_hours.live_hour_at', 'bands.to_age_seconds') }} as ends_at
    from live_hours
    cross join bands
),

instants as (
    select site_id, starts_at as instant_at
    from live_hour_bands
    {{ union_distinct() }}
    select site_id, ends_at as instant_at
    from live_hour_bands
    where ends_at is not null
),

instants_and_hours as (
    select
        site_id,
        instant_at,
        0 as views,
        false as is_hour
    from instants
    union all
    select
        site_id,
        hour_at as instant_at,
        views,
        true as is_hour
    from site_hours
),

running_views as (
    select
        site_id,
        instant_at,
        is_hour,
        sum(views) over (
            partition by site_id
            order by instant_at, is_hour
            rows between unbounded preceding and current row
        ) as views_before
    from instants_and_hours
),

instants_with_views as (
    select * from running_views where not is_hour
),

site_totals as (
    select
        site_id,
        sum(views) as views
    from site_hours
    group by site_id
),

site_views_by_age as (
    select
        live_hour_bands.site_id,
        live_hour_bands.age_band,
        cast(sum(
            live_hour_bands.weight
            * (coalesce(ends.views_before, site_totals.views) - starts.views_before)
        ) as bigint) as site_view_seconds
    from live_hour_bands
    inner join site_totals on live_hour_bands.site_id = site_totals.site_id
    inner join instants_with_views as starts
        on
            live_hour_bands.site_id = starts.site_id
            and live_hour_bands.starts_at = starts.instant_at
    left join instants_with_views as ends
        on
            live_hour_bands.site_id = ends.site_id
            and live_hour_bands.ends_at = ends.instant_at
    group by live_hour_bands.site_id, live_hour_bands.age_band
),

oldest_bands as (
    select
        site_id,
        max(age_band) as age_band
    from site_views_by_age
    where site_view_seconds > 0
    group by site_id
),

---------- shares

-- A site without recent views is treated as having one recently read post.
even_shares as (
    select
        site_id,
        {{ quotient(
            '1', greatest_of(['count(distinct case when is_recent then post_key end)', 1])
        ) }} as even_share
    from post_hours
    group by site_id
),

-- An age that no such post has reached uses the greatest age that one has.
site_bands as (
    select
        even_shares.site_id,
        even_shares.even_share,
        bands.age_band,
        bands.from_age_seconds,
        bands.to_age_seconds,
        {{ least_of(['bands.age_band', 'oldest_bands.age_band']) }} as known_band
    from even_shares
    cross join bands
    left join oldest_bands on even_shares.site_id = oldest_bands.site_id
),

final as (
    select
        site_bands.site_id,
        site_bands.age_band,
        site_bands.from_age_seconds,
        site_bands.to_age_seconds,
        coalesce(views_by_age.post_views, 0) as post_views,
        coalesce(site_views_by_age.site_view_seconds, 0) as site_view_seconds,
        -- One additional site view, evenly distributed, so that no age has a share of 0.
        {{ quotient(
            '3600 * (coalesce(views_by_age.post_views, 0) + site_bands.even_share)',
            'coalesce(site_views_by_age.site_view_seconds, 0) + 3600'
        ) }} as usual_share
    from site_bands
    left join views_by_age
        on
            site_bands.site_id = views_by_age.site_id
            and site_bands.known_band = views_by_age.age_band
    left join site_views_by_age
        on
            site_bands.site_id = site_views_by_age.site_id
            and site_bands.known_band = site_views_by_age.age_band
)

select * from final
