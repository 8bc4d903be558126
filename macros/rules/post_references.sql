{#
    Which post a page is.

    A record names its page by the publisher's post id or by the canonical URL, and with it the
    page that it calls canonical and those that it lists as addresses of the post. A page goes by
    its own records, else by those that call it theirs; an AMP page that none of these name goes by
    the page whose address it has but for the marks of AMP. Where these name several, the page goes
    by the name that most of its latest pageviews have, page_naming_records of them (of other events,
    where no pageview names it), and of two with as many by the one named last: a view that carries
    another page's metadata by mistake moves nothing, and a page that has moved is followed within
    that number of views. Where the name is another page, the page goes by the name of that one, and
    so on to the end; pages that name each other in a circle are one post. A front page is itself, or
    the front page of another host. Keys of pages hold the site, so a list that names pages of another
    site names none of its posts.
#}

{# Every word of some rows on which post a page is: of the page itself, of records that call it
   canonical or list it, and of its address. Lists are opened once for all the records that carry
   them. #}
{% macro post_references(event_rows, alias_lists) -%}
listings as (
    select distinct
        load_id,
        alias_list_key,
        named_post_key
    from {{ event_rows }}
    where alias_list_key is not null
),

post_references as (
    select
        load_id,
        page_key,
        named_post_key,
        'page' as referenced_by
    from {{ event_rows }}
    where named_post_key is not null
    union
    select
        load_id,
        canonical_page_key as page_key,
        named_post_key,
        'others' as referenced_by
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
    union
    select
        listings.load_id,
        listed.page_key,
        listings.named_post_key,
        'others' as referenced_by
    from listings
    inner join {{ alias_lists }} as listed on listings.alias_list_key = listed.alias_list_key
    union
    select
        load_id,
        page_key,
        plain_page_key as named_post_key,
        'address' as referenced_by
    from {{ event_rows }}
    where plain_page_key is not null
)
{%- endmacro %}


{# Whose word counts for a page: the first that says anything. #}
{% macro referenced_by_order() -%}
    case referenced_by when 'page' then 1 when 'others' then 2 else 3 end
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
