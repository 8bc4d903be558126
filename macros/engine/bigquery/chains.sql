{# The same as Snowflake's, whose reason is BigQuery's too. #}
{% macro bigquery__chains_of_links() -%}
chains as (
    select
        page_key,
        named_post_key as linked_key,
        named_post_key as path
    from links
    union all
    select
        chains.page_key,
        links.named_post_key as linked_key,
        chains.path || ' ' || links.named_post_key as path
    from chains
    inner join links on chains.linked_key = links.page_key
    where strpos(chains.path, links.named_post_key) = 0
)
{%- endmacro %}
