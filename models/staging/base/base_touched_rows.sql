{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ claim_loads(stands_on='base_event_rows') }}",
        "{{ forget_rows_of_loads_taken_by_all() }}",
    ],
    on_schema_change='fail',
    access='protected',
) }}

-- What each load touches, worked out once for all models: see macros/incremental/touched.sql. Loads
-- that every model has taken are dropped, and models that start over take everything without
-- asking here, so this holds what is on its way and no more.
with event_rows as {{ inlined() }} (
    select * from {{ ref('base_event_rows') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

bot_visitors as (
    select * from {{ ref('base_bot_visitors') }}
),

---------- events

claimed_rows as (
    select event_key, load_id
    from event_rows
    where load_id in {{ claimed_loads() }}
    union
    select event_key, replaced_by_load_id as load_id
    from event_rows
    where replaced_by_load_id in {{ claimed_loads() }}
    -- All that a visitor did, where the loads tell another thing of whether that is a bot.
    union
    select event_rows.event_key, bot_visitors.changed_by_load_id as load_id
    from event_rows
    inner join bot_visitors on event_rows.visitor_key = bot_visitors.visitor_key
    where bot_visitors.changed_by_load_id in {{ claimed_loads() }}
    {%- for date in var('rebuild_dates') %}
    union
    select event_key, '{{ rebuild_load(date) }}' as load_id
    from event_rows
    where cast(event_at as date) = cast('{{ date }}' as date)
    {%- endfor %}
),

direct_rows as (
    select
        claimed_rows.load_id as touching_load_id,
        event_rows.*
    from event_rows
    inner join claimed_rows on event_rows.event_key = claimed_rows.event_key
),

---------- scopes

renamed_pages as (
    select page_key, changed_by_load_id
    from page_posts
    where changed_by_load_id in {{ claimed_loads() }}
),

rows_of_renamed_pages as (
    select
        renamed_pages.changed_by_load_id as touching_load_id,
        event_rows.session_scope_key
    from event_rows
    inner join renamed_pages on event_rows.page_key = renamed_pages.page_key
    union
    select
        renamed_pages.changed_by_load_id as touching_load_id,
        event_rows.session_scope_key
    from event_rows
    inner join renamed_pages on event_rows.referrer_page_key = renamed_pages.page_key
),

scopes as (
    select touching_load_id, session_scope_key from direct_rows
    union
    select touching_load_id, session_scope_key from rows_of_renamed_pages
),

rows_of_scopes as (
    select
        scopes.touching_load_id,
        event_rows.*
    from event_rows
    inner join scopes on event_rows.session_scope_key = scopes.session_scope_key
),

touched_rows as (
    select *, true as is_direct from direct_rows
    union all
    select *, false as is_direct from rows_of_scopes
),

final as (
    select distinct
        ---------- ids
        touching_load_id as load_id,
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        {{ page_day_key('cast(event_hour_at as date)') }} as page_day_key,

        ---------- booleans
        is_direct,

        ---------- times
        event_hour_at,
        cast(event_hour_at as date) as event_date
    from touched_rows
    where {{ 'true' if goes_on() else 'false' }}
)

select * from final
