{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='page_key',
    pre_hook="{{ claim_loads(upstream='base_event_rows') }}",
    access='protected',
) }}

-- The post of each page that some record names; any other page is its own post. The rule is
-- described in macros/rules/post_references.sql. A row is written when the post of a page changes,
-- with the load that changed it.
with recursive page_names as (
    select * from {{ ref('base_post_references') }}
),

event_rows as {{ inlined() }} (
    select *
    from {{ ref('base_event_rows') }}
    where is_valid and replaced_by_load_id is null and named_post_key is not null
),

alias_lists as (
    select * from {{ ref('base_alias_lists') }}
),

{% if has_prior_loads() -%}
stored as (
    select * from {{ this }}
),

rows_gone as (
    select *
    from {{ ref('base_event_rows') }}
    where
        (replaced_by_load_id is not null and replaced_by_load_id in {{ claimed_loads() }})
        or {{ is_of_rebuilt_day() }}
),

named_anew as (
    select page_key from page_names where load_id in {{ loads_changed() }}
    union
    select page_key from rows_gone
    union
    select canonical_page_key as page_key from rows_gone where canonical_page_key is not null
    union
    select alias_lists.page_key
    from alias_lists
    inner join rows_gone on alias_lists.alias_list_key = rows_gone.alias_list_key
),

-- Pages assigned through an affected page have had the same post as that page.
posts_named_anew as (
    select coalesce(stored.post_key, named_anew.page_key) as post_key
    from named_anew
    left join stored on named_anew.page_key = stored.page_key
),

pages as (
    select page_key from named_anew
    union
    select stored.page_key
    from stored
    where stored.post_key in (select posts.post_key from posts_named_anew as posts)
),
{%- else -%}
pages as (
    select distinct page_key from page_names
),
{%- endif %}

---------- the name that each page goes by

names as (
    select distinct
        page_key,
        named_post_key,
        referenced_by
    from page_names
    where page_key in (select pages.page_key from pages)
),

known_votes as (
    select
        page_key,
        named_post_key,
        referenced_by,
        rank() over (partition by page_key order by {{ referenced_by_order() }}) as referenced_by_rank
    from names
),

contested as (
    select
        page_key,
        referenced_by
    from known_votes
    where referenced_by_rank = 1
    group by page_key, referenced_by
    having count(*) > 1
),

votes as (
    select
        contested.page_key,
        event_rows.event_key,
        event_rows.named_post_key,
        event_rows.action,
        event_rows.event_at
    from event_rows
    inner join contested on event_rows.page_key = contested.page_key
    where contested.referenced_by = 'page'
    union all
    select
        contested.page_key,
        event_rows.event_key,
        event_rows.named_post_key,
        event_rows.action,
        event_rows.event_at
    from event_rows
    inner join contested on event_rows.canonical_page_key = contested.page_key
    where contested.referenced_by = 'others'
    union all
    select
        contested.page_key,
        event_rows.event_key,
        event_rows.named_post_key,
        event_rows.action,
        event_rows.event_at
    from event_rows
    inner join alias_lists on event_rows.alias_list_key = alias_lists.alias_list_key
    inner join contested on alias_lists.page_key = contested.page_key
    where contested.referenced_by = 'others'
),

-- The copies of an event count as one vote. Other events only count when no pageview does.
votes_of_events as (
    select
        *,
        case when action = 'pageview' then 1 else 2 end as weight_class,
        row_number() over (
            partition by page_key, event_key order by event_at desc, named_post_key, action
        ) as copy_number
    from votes
),

latest_votes as (
    select
        *,
        min(weight_class) over (partition by page_key) as heaviest_class,
        row_number() over (
            partition by page_key, weight_class order by event_at desc, event_key
        ) as newness
    from votes_of_events
    where copy_number = 1
),

counted as (
    select
        page_key,
        named_post_key,
        count(*) as votes,
        max(event_at) as named_at
    from latest_votes
    where weight_class = heaviest_class and newness <= {{ var('page_naming_records') }}
    group by page_key, named_post_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by page_key order by votes desc, named_at desc, named_post_key
        ) as name_rank
    from counted
),

named as (
    select page_key, named_post_key from ranked where name_rank = 1
    union all
    select page_key, named_post_key
    from known_votes
    where
        referenced_by_rank = 1
        and page_key not in (select contested.page_key from contested)
),

---------- followed to the end

steps as (
    select * from named where named_post_key <> page_key
),

-- `union` removes repetitions, so that a cycle ends.
chains as (
    select page_key, named_post_key as reached_key from steps
    union
    select
        chains.page_key,
        steps.named_post_key as reached_key
    from chains
    inner join steps on chains.reached_key = steps.page_key
),

ends as (
    select
        chains.page_key,
        {% if has_prior_loads() -%}
        coalesce(stored.post_key, chains.reached_key) as post_key
        {%- else -%}
        chains.reached_key as post_key
        {%- endif %}
    from chains
    left join steps on chains.reached_key = steps.page_key
    {%- if has_prior_loads() %}
    left join stored
        on
            chains.reached_key = stored.page_key
            and stored.page_key not in (select pages.page_key from pages)
    {%- endif %}
    where steps.page_key is null
),

circles as (
    select
        chains.page_key,
        chains.reached_key as post_key,
        row_number() over (
            partition by chains.page_key order by chains.reached_key
        ) as place
    from chains
    inner join chains as closed
        on
            chains.reached_key = closed.page_key
            and closed.page_key = closed.reached_key
),

current_posts as (
    select
        pages.page_key,
        coalesce(ends.post_key, circles.post_key, pages.page_key) as post_key
    from pages
    left join ends on pages.page_key = ends.page_key
    left join circles on pages.page_key = circles.page_key and circles.place = 1
),

final as (
    select
        current_posts.page_key,
        current_posts.post_key,
        {% if has_prior_loads() -%}
        (
            select max(claimed.load_id) from {{ claimed_loads() }} as claimed
        ) as changed_by_load_id
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as changed_by_load_id
        {%- endif %}
    from current_posts
    {%- if has_prior_loads() %}
    left join stored on current_posts.page_key = stored.page_key
    where coalesce(stored.post_key, current_posts.page_key) <> current_posts.post_key
    {%- endif %}
)

select * from final
