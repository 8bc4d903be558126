{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='page_key',
    pre_hook="{{ claim_loads(stands_on='base_event_rows') }}",
    access='protected',
) }}

-- Which post a page is, for pages that some record names; any other page is its own post. The
-- rule is told in macros/incremental/namings.sql. A row is written when the page gets another
-- name, with the load that gave it.
-- depends_on: {{ ref('base_alias_lists') }}
with page_names as (
    select * from {{ ref('base_page_names') }}
),

{% if goes_on() -%}
event_rows as (
    select * from {{ ref('base_event_rows') }}
),

alias_lists as (
    select * from {{ ref('base_alias_lists') }}
),

rows_gone as (
    select *
    from event_rows
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

-- And the pages that go by such a page's name.
pages as (
    select page_key from named_anew
    union
    select page_names.page_key
    from page_names
    inner join named_anew on page_names.named_post_key = named_anew.page_key
),

stored as (
    select * from {{ this }}
),
{%- else -%}
pages as (
    select distinct page_key from page_names
),
{%- endif %}

names as (
    select
        page_key,
        named_post_key,
        said_by,
        max(named_at) as named_at
    from page_names
    where
        page_key in (select pages.page_key from pages)
        or page_key in (
            select pointers.named_post_key
            from page_names as pointers
            inner join pages on pointers.page_key = pages.page_key
        )
    group by page_key, named_post_key, said_by
),

ranked as (
    select
        *,
        row_number() over (partition by page_key order by {{ name_order('named_at') }})
            as name_rank
    from names
),

named as (
    select * from ranked where name_rank = 1
),

current_posts as (
    select
        pages.page_key,
        coalesce(canonical_names.named_post_key, named.named_post_key, pages.page_key) as post_key
    from pages
    left join named on pages.page_key = named.page_key
    left join named as canonical_names on named.named_post_key = canonical_names.page_key
),

final as (
    select
        current_posts.page_key,
        current_posts.post_key,
        {% if goes_on() -%}
        (
            select max(claimed.load_id) from {{ claimed_loads() }} as claimed
        ) as changed_by_load_id
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as changed_by_load_id
        {%- endif %}
    from current_posts
    {%- if goes_on() %}
    left join stored on current_posts.page_key = stored.page_key
    where coalesce(stored.post_key, current_posts.page_key) <> current_posts.post_key
    {%- endif %}
)

select * from final
