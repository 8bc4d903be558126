{#
    Which post a page is.

    A record names its page by the publisher's post id or by the canonical URL, and with it the
    page that it calls canonical and those that it lists as addresses of the post. A page goes by
    the newest of its own records, else by the newest of those that call it theirs; an AMP page that
    none of these name goes by the page whose address it has but for the marks of AMP. Where that
    name is another page, the page goes by the name of that one: an AMP page tells the canonical
    URL alone, the canonical page the post id. Keys of pages hold the site, so a list that names
    pages of another site names none of its posts.
#}

{# Every word of some rows of the key table on which post a page is, each with its newest time: of
   the page itself, of records that call it canonical or list it, and of its address. Lists are
   opened once for all the records that carry them. #}
{% macro namings(event_rows, alias_lists) -%}
words as (
    select load_id, page_key, named_post_key, 'page' as said_by, event_at
    from {{ event_rows }}
    where named_post_key is not null
    union all
    select load_id, canonical_page_key as page_key, named_post_key, 'others' as said_by, event_at
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
    union all
    select load_id, page_key, plain_page_key as named_post_key, 'address' as said_by, event_at
    from {{ event_rows }}
    where plain_page_key is not null
),

listings as (
    select
        load_id,
        alias_list_key,
        named_post_key,
        max(event_at) as event_at
    from {{ event_rows }}
    where alias_list_key is not null
    group by load_id, alias_list_key, named_post_key
),

words_of_lists as (
    select
        listings.load_id,
        listed.page_key,
        listings.named_post_key,
        'others' as said_by,
        listings.event_at
    from listings
    inner join {{ alias_lists }} as listed on listings.alias_list_key = listed.alias_list_key
),

namings as (
    select * from words
    union all
    select * from words_of_lists
)
{%- endmacro %}


{# The order of the names of a page; the first is the one it goes by. #}
{% macro name_order(named_at) -%}
    case said_by when 'page' then 1 when 'others' then 2 else 3 end, {{ named_at }} desc,
    named_post_key
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
            (gone.replaced_by_load_id is not null and gone.replaced_by_load_id in {{ claimed_loads() }})
            or {{ is_of_rebuilt_day('gone.event_date') }}
    )
{%- endmacro %}
