{#
    What the claimed loads touch, as a subquery of distinct keys of stg_event_rows.

    Reach `event` is the claimed events and every other copy of them: a copy that ranks earlier
    moves the event, so the place it leaves is touched too. Reach `scope` goes on to everything
    in the session scopes of those events, a scope being a session of the tracker or, where it
    kept none, all events of a visitor; and to the scopes with a page whose post may have another
    name now.
#}
{% macro touched(key, reach='scope') -%}
    (
        with event_rows as (
            select * from {{ ref('stg_event_rows') }} where is_valid
        ),

        claimed_rows as (
            select * from event_rows where load_id in {{ claimed_loads() }}
        ),

        touched_rows as (
            select *
            from event_rows
            where event_key in (select event_key from claimed_rows)
        )

        {%- if reach == 'event' %}

        select distinct {{ key }} from touched_rows
        {%- else %},

        namings as (
            {{ namings('event_rows') }}
        ),

        -- Claimed records name these pages for the first time, or records disagree on them.
        unsettled_pages as (
            select page_key
            from namings
            where page_key in (
                select named.page_key from namings as named
                where named.load_id in {{ claimed_loads() }}
            )
            group by page_key
            having
                min(named_post_key) <> max(named_post_key)
                or max(case when load_id in {{ claimed_loads() }} then 0 else 1 end) = 0
        ),

        touched_scopes as (
            select session_scope_key
            from touched_rows
            union
            select session_scope_key
            from event_rows
            where
                page_key in (select page_key from unsettled_pages)
                or referrer_page_key in (select page_key from unsettled_pages)
        )

        select distinct {{ key }}
        from event_rows
        where session_scope_key in (select session_scope_key from touched_scopes)
        {%- endif %}
    )
{%- endmacro %}


{# Every word of a record on which post a page is: the page itself, and the page that the record
   calls canonical. #}
{% macro namings(event_rows) -%}
    select page_key, named_post_key, load_id, event_at, true as is_own
    from {{ event_rows }}
    where named_post_key is not null
    union all
    select canonical_page_key as page_key, named_post_key, load_id, event_at, false as is_own
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
{%- endmacro %}


{# The `where` condition that narrows a relation to touched keys in an incremental run. #}
{% macro is_touched(column, key=none, reach='scope') -%}
    {%- if is_incremental() -%}
        {{ column }} in {{ touched(key or column, reach) }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{# Incremental strategy: every row of a touched key goes, the recomputed rows come. Keys that
   have no rows any more lose theirs, which delete+insert by the new rows' keys would leave.
   `unique_key` of such a model is the key it is recomputed by, not its primary key;
   in its meta, `touched_key` and `touched_reach` say what that key is called in stg_event_rows
   and how far to go. #}
{% macro get_incremental_replace_touched_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    {%- set meta = config.get('meta', {}) -%}
    delete from {{ arguments['target_relation'] }}
    where {{ arguments['unique_key'] }} in {{ touched(
        meta.get('touched_key', arguments['unique_key']),
        meta.get('touched_reach', 'scope')
    ) }};

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
