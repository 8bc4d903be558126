{# A recursive query has `union all` only. The keys that a chain has passed are in its path: it ends
   before the first of them comes again. #}
{% macro snowflake__chains_of_links() -%}
chains (page_key, linked_key, path) as (
    select
        page_key,
        named_post_key as linked_key,
        cast(named_post_key as varchar) as path
    from links
    union all
    select
        chains.page_key,
        links.named_post_key as linked_key,
        chains.path || ' ' || links.named_post_key as path
    from chains
    inner join links on chains.linked_key = links.page_key
    where position(links.named_post_key in chains.path) = 0
)
{%- endmacro %}
