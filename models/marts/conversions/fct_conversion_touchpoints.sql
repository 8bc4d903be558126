{{ config(materialized='view') }}

-- Credit is computed at query time: which touchpoints are posts depends on the newest metadata, and
-- a change of metadata affects no visitor.
with touches as (
    select * from {{ ref('int_conversion_touches') }}
),

dim_posts as (
    select post_key, is_post from {{ ref('dim_posts') }}
),

dim_sites as (
    select site_id, time_zone from {{ ref('dim_sites') }}
),

described as (
    select
        touches.*,
        coalesce(dim_posts.is_post, true) as is_post,
        dim_sites.time_zone
    from touches
    left join dim_posts on touches.post_key = dim_posts.post_key
    left join dim_sites on touches.site_id = dim_sites.site_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by conversion_key, is_post
            order by last_step desc
        ) as rank_from_last
    from described
),

final as (
    select
        ---------- ids
        touchpoint_key,
        conversion_key,
        session_key,
        visitor_key,
        site_id,
        post_key,

        ---------- text
        acquisition_channel,
        source_class,
        source_name,

        ---------- numbers
        position,
        touches,
        views,
        cast(case when position = 1 then 1 else 0 end as {{ type_double() }}) as first_touch,
        cast(1 as {{ type_double() }}) / touches as linear,
        cast(case when is_conversion_page then 1 else 0 end as {{ type_double() }})
            as last_touch,
        cast(
            case when is_post and rank_from_last = 1 then 1 else 0 end as {{ type_double() }}
        ) as last_post_touched,

        ---------- booleans
        is_post,
        is_conversion_page,

        ---------- times
        first_touched_at,
        last_touched_at,
        converted_at,
        {{ local_hour('converted_at', 'time_zone') }} as converted_local_hour,
        {{ local_date('converted_at', 'time_zone') }} as converted_date
    from ranked
)

select * from final
