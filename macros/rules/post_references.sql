{#
    How pages are assigned to posts.

    A record names the post of its page by the publisher's post id or the canonical URL. It also
    names the post of the page it calls canonical and of the pages it lists as addresses of the
    post.

    References are taken from the first of these sources that has any: records of the page itself;
    records of other pages that call it canonical or list it; for an AMP page, the page at the same
    address without the AMP markers.

    When they name several posts, the majority among the latest page_naming_records pageviews wins
    (of other events, when no pageview names one); a tie goes to the post named last. So a view that
    carries another page's metadata by mistake changes nothing, and a page that has moved is
    followed within that number of views.

    When the named post is another page, the assignment follows that page, to the end of the chain.
    Pages that name each other in a circle are one post. A front page is always itself, or the front
    page of another host. Page keys include the site, so a list cannot name posts of another site.
#}

{# All references from pages to posts in a set of rows: by the page itself, by records that call
   it canonical or list it, and by its AMP address. Lists are expanded once for all the records that
   carry them. #}
{% macro post_references(event_rows, alias_lists) -%}
record_lists as (
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
    {{ union_distinct() }}
    select
        load_id,
        canonical_page_key as page_key,
        named_post_key,
        'others' as referenced_by
    from {{ event_rows }}
    where named_post_key is not null and canonical_page_key is not null
    {{ union_distinct() }}
    select
        record_lists.load_id,
        list_pages.page_key,
        record_lists.named_post_key,
        'others' as referenced_by
    from record_lists
    inner join {{ alias_lists }} as list_pages
        on record_lists.alias_list_key = list_pages.alias_list_key
    {{ union_distinct() }}
    select
        load_id,
        page_key,
        plain_page_key as named_post_key,
        'address' as referenced_by
    from {{ event_rows }}
    where plain_page_key is not null
)
{%- endmacro %}


{# Precedence of the sources of references; the first that has any wins. #}
{% macro reference_precedence() -%}
    case referenced_by when 'page' then 1 when 'others' then 2 else 3 end
{%- endmacro %}


{# Subquery: the loads with rows added, replaced or revalidated by the claimed loads. #}
{% macro changed_loads() -%}
    (
        select claimed.load_id
        from {{ claimed_loads() }} as claimed
        {{ union_distinct() }}
        select changed_rows.load_id
        from {{ ref('base_event_rows') }} as changed_rows
        where
            (changed_rows.replaced_by_load_id is not null and changed_rows.replaced_by_load_id in {{ claimed_loads() }})
            or {{ is_on_rebuilt_day('changed_rows.event_date') }}
    )
{%- endmacro %}
