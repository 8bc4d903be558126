{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ claim_loads(upstream='base_event_rows') }}",
        "{% if is_incremental() %}{{ deletion_of_rows_among(this, 'load_id', changed_loads()) }}{% endif %}",
    ],
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- The references from pages to posts in each load: a key table, small compared with its source.
with event_rows as (
    select
        page_key,
        canonical_page_key,
        named_post_key,
        plain_page_key,
        alias_list_key,
        load_id
    from {{ ref('base_event_rows') }}
    where
        is_valid
        and replaced_by_load_id is null
        {%- if has_prior_loads() %}
        and load_id in {{ changed_loads() }}
        {%- endif %}
),

alias_lists as (
    select * from {{ ref('base_alias_lists') }}
),

{{ post_references('event_rows', 'alias_lists') }},

final as (
    select
        load_id,
        page_key,
        named_post_key,
        referenced_by
    from post_references
)

select * from final
