{#
    Which post a page is.

    A record names its page by the publisher's post id or by the canonical URL, and with it the
    page that it calls canonical. A page goes by the newest of its own records, else by the newest
    of those that call it canonical. Where that name is another page, the page goes by the name of
    that one: an AMP page tells the canonical URL alone, the canonical page the post id.
#}

{# Every word of some rows of the key table on which post a page is: of the page itself, and of the
   page that the record calls canonical. #}
{% macro namings(event_rows) -%}
    select load_id, page_key, named_post_key, true as is_own, event_at
    from {{ event_rows }}
    where named_post_key is not null
    union all
    select load_id, canonical_page_key as page_key, named_post_key, false as is_own, event_at
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
{%- endmacro %}


{# The order of the names of a page; the first is the one it goes by. #}
{% macro name_order(named_at) -%}
    is_own desc, {{ named_at }} desc, named_post_key
{%- endmacro %}


{# Subquery: the loads of which rows have come, gone or been judged again with the claimed ones. #}
{% macro loads_changed() -%}
    (
        select claimed.load_id
        from {{ claimed_loads() }} as claimed
        union
        select gone.load_id
        from {{ ref('base_event_rows') }} as gone
        where
            gone.replaced_by_load_id in {{ claimed_loads() }}
            or {{ is_of_rebuilt_day('gone.event_at') }}
    )
{%- endmacro %}
