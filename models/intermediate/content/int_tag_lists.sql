{{ config(materialized='table') }}

-- One row per site and raw tag list with at least one publisher's tag: the cleaned list. Spellings
-- that differ only in case are merged per site into the one that most lists have.
with page_metadata as (
    select * from {{ ref('int_page_metadata') }}
),

lists as (
    select distinct
        site_id,
        tags as raw_tags
    from page_metadata
    where tags is not null
),

list_tags as (
    select
        lists.site_id,
        lists.raw_tags,
        {{ null_if_blank('items.element') }} as tag,
        items.position
    from lists
    cross join {{ json_list_rows('lists.raw_tags', 'items') }}
),

publisher_tags as (
    select
        *,
        lower(tag) as folded_tag
    from list_tags
    where tag is not null and not {{ is_machine_tag('tag') }}
),

spellings as (
    select
        site_id,
        folded_tag,
        tag,
        count(distinct raw_tags) as lists
    from publisher_tags
    group by site_id, folded_tag, tag
),

ranked as (
    select
        *,
        row_number() over (
            partition by site_id, folded_tag order by lists desc, tag
        ) as spelling_rank
    from spellings
),

chosen_spellings as (
    select
        publisher_tags.site_id,
        publisher_tags.raw_tags,
        ranked.tag,
        min(publisher_tags.position) as position
    from publisher_tags
    inner join ranked
        on
            publisher_tags.site_id = ranked.site_id
            and publisher_tags.folded_tag = ranked.folded_tag
            and ranked.spelling_rank = 1
    group by publisher_tags.site_id, publisher_tags.raw_tags, ranked.tag
),

final as (
    select
        site_id,
        raw_tags,
        {{ json_list_of(json_string('tag'), 'position') }} as tags
    from chosen_spellings
    group by site_id, raw_tags
)

select * from final
