{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ claim_loads(upstream='base_event_rows') }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- The address lists of posts in the metadata, expanded to one row per list and page. The key of a
-- list is a hash of its content, so stored rows never change and may outlive the records that
-- carried the list.
with base_events as (
    select *
    from {{ ref('base_events') }}
    where
        alias_list_key is not null
        {%- if has_prior_loads() %}
        and {{ is_of_claimed_load() }}
        {%- endif %}
),

lists as (
    select distinct
        alias_list_key,
        site_id,
        metadata_urls
    from base_events
    {%- if has_prior_loads() %}
    where alias_list_key not in (select stored.alias_list_key from {{ this }} as stored)
    {%- endif %}
),

addresses as (
    select
        lists.alias_list_key,
        lists.site_id,
        {{ page_address('items.element') }} as page_address
    from lists
    cross join {{ json_list_rows('lists.metadata_urls', 'items') }}
),

final as (
    select distinct
        alias_list_key,
        {{ surrogate_key(['site_id', 'page_address']) }} as page_key
    from addresses
    where page_address is not null and not {{ is_front_page('page_address') }}
)

select * from final
