{#
    What the claimed loads touch, as a subquery of distinct keys of base_event_rows: by the rows
    they bring and by those they replace.

    Reach `event` is the events of those rows with every other copy of them: a copy that ranks
    earlier moves the event, one that goes lets it fall back, so the place it leaves is touched too.
    Reach `scope` goes on to everything in the session scopes of those events, a scope being a
    session of the tracker or, where it kept none, all events of a visitor; and to the scopes with a
    page that has another name as a post now (macros/incremental/namings.sql). Reach `page` is the
    pages that the rows name, and those that go by such a page's name.
#}
{% macro touched(key, reach='scope') -%}
    (
        with event_rows as (
            select * from {{ ref('base_event_rows') }} where is_valid
        ),

        {% if reach == 'page' -%}
        namings as (
            {{ namings('event_rows', provenance=true) }}
        )

        select distinct {{ key }}
        from namings
        where page_key in {{ claimed_pages() }} or named_post_key in {{ claimed_pages() }}
        {%- else -%}
        touched_rows as (
            select *
            from event_rows
            where event_key in ({{ keys_of_claimed_loads('event_key', 'event_rows') }})
        )

        {%- if reach == 'event' %}

        select distinct {{ key }} from touched_rows
        {%- else %},

        renamed_pages as (
            {{ renamed_pages('event_rows') }}
        ),

        touched_scopes as (
            select session_scope_key
            from touched_rows
            union
            select session_scope_key
            from event_rows
            where
                page_key in (select page_key from renamed_pages)
                or referrer_page_key in (select page_key from renamed_pages)
        )

        select distinct {{ key }}
        from event_rows
        where session_scope_key in (select session_scope_key from touched_scopes)
        {%- endif %}
        {%- endif %}
    )
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
   in its meta, `touched_key` and `touched_reach` say what that key is called in base_event_rows
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


{# Incremental strategy of stg_events, whose SQL gives the copies that count and are not stored:
   each takes the place of the copy stored for its event, and events without any copy left go.
   Rows that stay as they are are not written again. #}
{% macro get_incremental_replace_copies_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }}
    where event_key in (select changed.event_key from {{ arguments['temp_relation'] }} as changed);

    delete from {{ arguments['target_relation'] }}
    where event_key in (
        select replaced.event_key
        from {{ ref('base_event_rows') }} as replaced
        where
            replaced.replaced_by_load_id in {{ claimed_loads() }}
            and not exists (
                select 1
                from {{ ref('stg_event_rows') }} as in_force
                where in_force.event_key = replaced.event_key and in_force.is_valid
            )
    );

    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}
