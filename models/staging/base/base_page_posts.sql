{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key='page_key',
    pre_hook="{{ claim_loads(upstream='base_event_rows') }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- The post of each page that some record names; any other page is its own post. The rule is
-- described in macros/rules/post_references.sql. A row is written when the post of a page changes,
-- with the load that changed it, by one statement: a run compares with the stored post, so none may
-- be missing after a run that died.
with recursive post_references as (
    select * from {{ ref('base_post_references') }}
),

event_rows as {{ not_materialized() }} (
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

removed_rows as (
    select *
    from {{ ref('base_event_rows') }}
    where
        (replaced_by_load_id is not null and replaced_by_load_id in {{ claimed_loads() }})
        or {{ is_on_rebuilt_day() }}
),

affected_pages as (
    select page_key from post_references where load_id in {{ changed_loads() }}
    {{ union_distinct() }}
    select page_key from removed_rows
    {{ union_distinct() }}
    select canonical_page_key as page_key from removed_rows where canonical_page_key is not null
    {{ union_distinct() }}
    select alias_lists.page_key
    from alias_lists
    inner join removed_rows on alias_lists.alias_list_key = removed_rows.alias_list_key
),

-- Pages assigned through an affected page have had the same post as that page.
affected_posts as (
    select coalesce(stored.post_key, affected_pages.page_key) as post_key
    from affected_pages
    left join stored on affected_pages.page_key = stored.page_key
),

pages as (
    select page_key from affected_pages
    {{ union_distinct() }}
    select stored.page_key
    from stored
    where stored.post_key in (select posts.post_key from affected_posts as posts)
),
{%- else -%}
pages as (
    select distinct page_key from post_references
),
{%- endif %}

---------- the post that each page names

distinct_references as (
    select distinct
        page_key,
        named_post_key,
        referenced_by
    from post_references
    where page_key in (select pages.page_key from pages)
),

ranked_references as (
    select
        page_key,
        named_post_key,
        referenced_by,
        rank() over (partition by page_key order by {{ reference_precedence() }}) as referenced_by_rank
    from distinct_references
),

contested as (
    select
        page_key,
        referenced_by
    from ranked_references
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
event_votes as (
    select
        *,
        case when action = 'pageview' then 1 else 2 end as action_rank,
        row_number() over (
            partition by page_key, event_key order by event_at desc, named_post_key, action
        ) as copy_number
    from votes
),

latest_votes as (
    select
        *,
        min(action_rank) over (partition by page_key) as best_action_rank,
        row_number() over (
            partition by page_key, action_rank order by event_at desc, event_key
        ) as recency_rank
    from event_votes
    where copy_number = 1
),

vote_counts as (
    select
        page_key,
        named_post_key,
        count(*) as votes,
        max(event_at) as named_at
    from latest_votes
    where action_rank = best_action_rank and recency_rank <= {{ var('page_naming_records') }}
    group by page_key, named_post_key
),

ranked_names as (
    select
        *,
        row_number() over (
            partition by page_key order by votes desc, named_at desc, named_post_key
        ) as name_rank
    from vote_counts
),

page_links as (
    select page_key, named_post_key from ranked_names where name_rank = 1
    union all
    select page_key, named_post_key
    from ranked_references
    where
        referenced_by_rank = 1
        and page_key not in (select contested.page_key from contested)
),

---------- followed to the end of the chain

links as (
    select * from page_links where named_post_key <> page_key
),

{{ chains_of_links() }},

chain_ends as (
    select
        chains.page_key,
        {% if has_prior_loads() -%}
        coalesce(stored.post_key, chains.linked_key) as post_key
        {%- else -%}
        chains.linked_key as post_key
        {%- endif %}
    from chains
    left join links on chains.linked_key = links.page_key
    {%- if has_prior_loads() %}
    left join stored
        on
            chains.linked_key = stored.page_key
            and stored.page_key not in (select pages.page_key from pages)
    {%- endif %}
    where links.page_key is null
),

cycles as (
    select
        chains.page_key,
        chains.linked_key as post_key,
        row_number() over (
            partition by chains.page_key order by chains.linked_key
        ) as cycle_rank
    from chains
    inner join chains as in_cycle
        on
            chains.linked_key = in_cycle.page_key
            and in_cycle.page_key = in_cycle.linked_key
),

current_posts as (
    select
        pages.page_key,
        coalesce(chain_ends.post_key, cycles.post_key, pages.page_key) as post_key
    from pages
    left join chain_ends on pages.page_key = chain_ends.page_key
    left join cycles on pages.page_key = cycles.page_key and cycles.cycle_rank = 1
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
