{# CTE `chains`: every page with each page that its link leads to, directly or through others. It
   reads `links`, at most one of each page. A cycle must end. #}
{% macro chains_of_links() -%}
    {{ return(adapter.dispatch('chains_of_links', 'readership')()) }}
{%- endmacro %}

{% macro default__chains_of_links() -%}
-- `union` removes repetitions, so that a cycle ends.
chains as (
    select page_key, named_post_key as linked_key from links
    union
    select
        chains.page_key,
        links.named_post_key as linked_key
    from chains
    inner join links on chains.linked_key = links.page_key
)
{%- endmacro %}
