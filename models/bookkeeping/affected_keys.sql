{{ config(
    materialized='incremental',
    incremental_strategy='replace_loads',
    pre_hook=[
        "{{ claim_loads(upstream='base_event_rows') }}",
        "{{ delete_rows_of_loads_processed_by_all() }}",
    ],
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- The keys that each load affects, computed once for all models; see
-- macros/incremental/affected_keys.sql. Loads that every model has processed are deleted, and
-- models without prior loads process everything without reading this table, so it only holds loads
-- in progress.
with event_rows as {{ not_materialized() }} (
    select * from {{ ref('base_event_rows') }}
),

copies as (
    select * from {{ ref('base_event_copies') }}
),

page_posts as (
    select * from {{ ref('base_page_posts') }}
),

bot_visitors as (
    select * from {{ ref('base_bot_visitors') }}
),

---------- events

claimed_rows as (
    select
        load_id as affecting_load_id,
        {{ affected_key_columns() }}
    from event_rows
    where load_id in {{ claimed_loads() }}
    union all
    select
        replaced_by_load_id as affecting_load_id,
        {{ affected_key_columns() }}
    from event_rows
    where replaced_by_load_id is not null and replaced_by_load_id in {{ claimed_loads() }}
    -- All rows of a visitor whose bot status the loads change.
    union all
    select
        bot_visitors.changed_by_load_id as affecting_load_id,
        {{ affected_key_columns('event_rows') }}
    from event_rows
    inner join bot_visitors on event_rows.visitor_key = bot_visitors.visitor_key
    where bot_visitors.changed_by_load_id in {{ claimed_loads() }}
    {%- if rebuilds_days() %}
    union all
    select
        days.load_id as affecting_load_id,
        {{ affected_key_columns('event_rows') }}
    from event_rows
    inner join {{ claimed_days() }} as days on event_rows.event_date = days.event_date
    {%- endif %}
),

-- Other copies of the same events too, because the choice of the kept copy may change.
direct_rows as (
    select * from claimed_rows
    {{ union_distinct() }}
    select
        claimed_rows.affecting_load_id,
        {{ affected_key_columns('copies') }}
    from copies
    inner join claimed_rows on copies.event_key = claimed_rows.event_key
),

---------- scopes

renamed_pages as (
    select page_key, changed_by_load_id
    from page_posts
    where changed_by_load_id in {{ claimed_loads() }}
),

rows_of_renamed_pages as (
    select
        renamed_pages.changed_by_load_id as affecting_load_id,
        event_rows.session_scope_key,
        event_rows.visitor_key,
        event_rows.has_tracker_session
    from event_rows
    inner join renamed_pages on event_rows.page_key = renamed_pages.page_key
    {{ union_distinct() }}
    select
        renamed_pages.changed_by_load_id as affecting_load_id,
        event_rows.session_scope_key,
        event_rows.visitor_key,
        event_rows.has_tracker_session
    from event_rows
    inner join renamed_pages on event_rows.referrer_page_key = renamed_pages.page_key
),

scopes_of_rows as (
    select
        affecting_load_id,
        session_scope_key,
        visitor_key,
        has_tracker_session
    from direct_rows
    {{ union_distinct() }}
    select
        affecting_load_id,
        session_scope_key,
        visitor_key,
        has_tracker_session
    from rows_of_renamed_pages
),

-- A scope has events of one visitor only.
rows_of_visitors as (
    select
        {{ affected_key_columns('event_rows') }},
        event_rows.event_at
    from event_rows
    where event_rows.visitor_key in (select affected.visitor_key from scopes_of_rows as affected)
),

---------- days that an untracked session may span

untracked_days as (
    select
        visitor_key,
        session_scope_key,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from rows_of_visitors
    where
        not has_tracker_session
        and visitor_key in (
            select affected.visitor_key
            from scopes_of_rows as affected
            where not affected.has_tracker_session
        )
    group by visitor_key, session_scope_key
),

gaps as (
    select
        *,
        case
            when
                {{ seconds_between(
                    'lag(last_event_at) over (partition by visitor_key order by first_event_at)',
                    'first_event_at'
                ) }} < {{ var('session_gap_minutes') }} * 60
                then 0
            else 1
        end as starts_run
    from untracked_days
),

day_runs as (
    select
        *,
        sum(starts_run) over (
            partition by visitor_key
            order by first_event_at
            rows between unbounded preceding and current row
        ) as run_number
    from gaps
),

affected_runs as (
    select distinct
        scopes_of_rows.affecting_load_id,
        day_runs.visitor_key,
        day_runs.run_number
    from day_runs
    inner join scopes_of_rows
        on day_runs.session_scope_key = scopes_of_rows.session_scope_key
),

scopes as (
    select affecting_load_id, session_scope_key from scopes_of_rows
    {{ union_distinct() }}
    select
        affected_runs.affecting_load_id,
        day_runs.session_scope_key
    from day_runs
    inner join affected_runs
        on
            day_runs.visitor_key = affected_runs.visitor_key
            and day_runs.run_number = affected_runs.run_number
),

rows_of_scopes as (
    select
        scopes.affecting_load_id,
        {{ affected_key_columns('rows_of_visitors') }}
    from rows_of_visitors
    inner join scopes on rows_of_visitors.session_scope_key = scopes.session_scope_key
),

affected_rows as (
    select *, true as is_direct from direct_rows
    union all
    select *, false as is_direct from rows_of_scopes
),

final as (
    select distinct
        ---------- ids
        affecting_load_id as load_id,
        event_key,
        visitor_key,
        session_scope_key,
        page_key,
        {{ page_day_key('event_date') }} as page_day_key,

        ---------- booleans
        is_direct,

        ---------- times
        event_hour_at,
        event_date
    from affected_rows
    where {{ 'true' if has_prior_loads() else 'false' }}
)

select * from final
