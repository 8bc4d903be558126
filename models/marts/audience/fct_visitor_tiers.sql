{{ config(materialized='view') }}

-- Silent visitors depend on which windows are over, and that depends on the as-of time. So these
-- rows are computed at query time, from the windows in which visitors were seen.
with visitor_windows as (
    select * from {{ ref('int_visitor_windows') }}
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

dim_posts as (
    select post_key, section from {{ ref('dim_posts') }}
),

post_authors as (
    select * from {{ ref('bridge_post_authors') }}
),

first_authors as (
    select
        post_key,
        author,
        row_number() over (partition by post_key order by position, author) as author_rank
    from post_authors
),

last_windows as (
    select
        *,
        {{ plus_days('window_start_date', var('tier_window_days')) }} as next_window_date
    from visitor_windows
    where not is_followed
),

-- A silent row is added only for the window right after one with sessions, with the post and
-- channel of that earlier window.
silent_windows as (
    select
        {{ surrogate_key(['visitor_key', 'next_window_date']) }} as visitor_tier_key,
        visitor_key,
        site_id,
        entry_post_key,
        acquisition_channel,
        0 as sessions,
        0 as pageviews,
        0 as engaged_seconds,
        sessions as previous_sessions,
        false as is_first,
        next_window_date as window_start_date
    from last_windows
),

all_windows as (
    select
        visitor_tier_key,
        visitor_key,
        site_id,
        entry_post_key,
        acquisition_channel,
        sessions,
        pageviews,
        engaged_seconds,
        previous_sessions,
        is_first,
        window_start_date
    from visitor_windows
    union all
    select * from silent_windows
),

with_window_ends as (
    select
        *,
        {{ plus_days('window_start_date', (var('tier_window_days') - 1) | string) }}
            as window_end_date,
        {{ plus_days('window_start_date', '-1 * ' ~ var('tier_window_days')) }}
            as previous_start_date,
        {{ session_tier('sessions') }} as tier,
        {{ session_tier('previous_sessions') }} as previous_tier
    from all_windows
),

final as (
    select
        ---------- ids
        with_window_ends.visitor_tier_key,
        with_window_ends.visitor_key,
        with_window_ends.site_id,
        with_window_ends.entry_post_key,

        ---------- text
        with_window_ends.tier,
        with_window_ends.previous_tier,
        case
            when with_window_ends.tier = 'silent' then 'silent'
            when with_window_ends.is_first then 'new'
            when with_window_ends.previous_tier = 'silent' then 'returned'
            when with_window_ends.tier = with_window_ends.previous_tier then 'kept'
            when with_window_ends.sessions > with_window_ends.previous_sessions then 'climbed'
            else 'fell'
        end as transition,
        with_window_ends.acquisition_channel,
        dim_posts.section as entry_section,
        first_authors.author as entry_author,

        ---------- numbers
        cast(with_window_ends.sessions as bigint) as sessions,
        cast(with_window_ends.previous_sessions as bigint) as previous_sessions,
        cast(with_window_ends.pageviews as bigint) as pageviews,
        cast(with_window_ends.engaged_seconds as bigint) as engaged_seconds,

        ---------- booleans
        with_window_ends.window_end_date < dim_sites.as_of_date as is_complete,
        with_window_ends.previous_start_date >= dim_sites.first_event_date as is_comparable,

        ---------- times
        with_window_ends.window_start_date,
        with_window_ends.window_end_date
    from with_window_ends
    inner join dim_sites on with_window_ends.site_id = dim_sites.site_id
    left join dim_posts on with_window_ends.entry_post_key = dim_posts.post_key
    left join first_authors
        on
            with_window_ends.entry_post_key = first_authors.post_key
            and first_authors.author_rank = 1
    where
        with_window_ends.tier <> 'silent'
        or with_window_ends.window_end_date < dim_sites.as_of_date
)

select * from final
