-- A session has the views, posts and engaged seconds of its pageviews. If it has any, one is the
-- entry and one the exit, on the session's entry and exit posts.
with sessions as (
    select * from {{ ref('fct_sessions') }}
),

pageviews as (
    select
        session_key,
        sum(views) as pageviews,
        count(distinct case when not is_orphan then post_key end) as posts,
        sum(engaged_seconds) as engaged_seconds,
        max(pageview_in_session) as last_pageview,
        count(next_post_key) as pageviews_with_a_next,
        sum(case when is_entry then 1 else 0 end) as entries,
        sum(case when is_exit then 1 else 0 end) as exits,
        max(case when is_entry then cast(post_key as {{ dbt.type_string() }}) end)
            as entry_post_key,
        max(case when is_exit then cast(post_key as {{ dbt.type_string() }}) end)
            as exit_post_key
    from {{ ref('fct_pageviews') }}
    group by session_key
)

select
    sessions.session_key,
    sessions.pageviews,
    pageviews.pageviews as pageviews_found,
    pageviews.entries,
    pageviews.exits
from sessions
left join pageviews on sessions.session_key = pageviews.session_key
where
    sessions.pageviews <> coalesce(pageviews.pageviews, 0)
    or sessions.posts <> coalesce(pageviews.posts, 0)
    or sessions.engaged_seconds <> coalesce(pageviews.engaged_seconds, 0)
    or sessions.pageviews <> coalesce(pageviews.last_pageview, 0)
    or sessions.pageviews
    <> coalesce(pageviews.pageviews_with_a_next + pageviews.exits, 0)
    or coalesce(pageviews.entries, 0) <> case when sessions.pageviews > 0 then 1 else 0 end
    or coalesce(pageviews.exits, 0) <> case when sessions.pageviews > 0 then 1 else 0 end
    or cast(sessions.entry_post_key as {{ dbt.type_string() }}) <> pageviews.entry_post_key
    or cast(sessions.exit_post_key as {{ dbt.type_string() }}) <> pageviews.exit_post_key
