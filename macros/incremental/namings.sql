{#
    Which post a page is.

    A record names its page by the publisher's post id or by the canonical URL, and with it the
    page that it calls canonical. A page goes by the newest of its own records, else by the newest
    of those that call it canonical. Where that name is another page, the page goes by the name of
    that one: an AMP page tells the canonical URL alone, the canonical page the post id.
#}

{# Every word of a record on which post a page is: the page itself, and the page that the record
   calls canonical. With the loads that brought and replaced it, if asked for. #}
{% macro namings(event_rows, provenance=false) -%}
    {%- set loads = ', load_id, replaced_by_load_id' if provenance else '' -%}
    select page_key, named_post_key, true as is_own, event_at{{ loads }}
    from {{ event_rows }}
    where named_post_key is not null
    union all
    select canonical_page_key as page_key, named_post_key, false as is_own, event_at{{ loads }}
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
{%- endmacro %}


{# The order of the names of a page; the first is the one it goes by. #}
{% macro name_order(named_at) -%}
    case when {{ named_at }} is null then 1 else 0 end, is_own desc, {{ named_at }} desc,
    named_post_key
{%- endmacro %}


{# Pages that the claimed loads give another name or take theirs from, or whose name is such a page:
   the names by all loads that this model has taken against those by the earlier ones. #}
{% macro renamed_pages(event_rows) -%}
    select page_key
    from (
        with namings as (
            {{ namings(event_rows, provenance=true) }}
        ),

        names as (
            select
                page_key,
                named_post_key,
                is_own,
                max(case when {{ is_in_force(loads_taken()) }} then event_at end) as named_at,
                max(case when {{ is_in_force(loads_taken_before()) }} then event_at end)
                    as named_earlier_at
            from namings
            where page_key in {{ claimed_pages() }}
            group by page_key, named_post_key, is_own
        ),

        ranked as (
            select
                *,
                row_number() over (
                    partition by page_key order by {{ name_order('named_at') }}
                ) as rank_now,
                row_number() over (
                    partition by page_key order by {{ name_order('named_earlier_at') }}
                ) as rank_before
            from names
        ),

        renamed as (
            select page_key
            from ranked
            group by page_key
            having
                max(case when rank_now = 1 and named_at is not null then named_post_key end)
                is distinct from
                max(
                    case
                        when rank_before = 1 and named_earlier_at is not null
                            then named_post_key
                    end
                )
        )

        select page_key from renamed
        union
        select page_key
        from namings
        where named_post_key in (select renamed.page_key from renamed)
    ) as renamed_pages
{%- endmacro %}


{# Subquery: the pages that rows of the claimed loads name, over the CTE namings. #}
{% macro claimed_pages() -%}
    ({{ keys_of_claimed_loads('page_key', 'namings') }})
{%- endmacro %}
