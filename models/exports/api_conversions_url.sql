-- Pages with credited conversions under each attribution model. A conversion belongs to the period
-- in which it happened, regardless of when the page was viewed.
with touchpoints as (
    select * from {{ ref('fct_conversion_touchpoints') }}
),

conversions as (
    select * from {{ ref('fct_conversions') }}
),

dim_posts as (
    select * from {{ ref('dim_posts') }}
),

dim_periods as (
    select * from {{ windows() }}
),

in_periods as (
    select
        touchpoints.*,
        conversions.conversion_type,
        conversions.conversion_label,
        dim_periods.period
    from touchpoints
    inner join conversions on touchpoints.conversion_key = conversions.conversion_key
    inner join dim_periods
        on
            touchpoints.site_id = dim_periods.site_id
            and touchpoints.converted_at > dim_periods.starts_after_at
            and touchpoints.converted_at <= dim_periods.ends_at
),

totals as (
    select
        site_id,
        period,
        post_key,
        conversion_type,
        conversion_label,
        count(distinct visitor_key) as visitors,
        cast(sum(first_touch) as {{ type_double() }}) as first_touch,
        cast(sum(linear) as {{ type_double() }}) as linear,
        cast(sum(last_touch) as {{ type_double() }}) as last_touch,
        cast(sum(last_post_touched) as {{ type_double() }}) as last_post_touched
    from in_periods
    group by site_id, period, post_key, conversion_type, conversion_label
),

final as (
    select
        totals.site_id,
        totals.period,
        totals.post_key,
        dim_posts.canonical_url as url,
        dim_posts.title,
        case when dim_posts.is_post then 'post' else 'index' end as page_type,
        totals.conversion_type,
        totals.conversion_label,
        totals.visitors,
        {{ rounded('totals.first_touch', 3) }} as first_touch,
        {{ rounded('totals.linear', 3) }} as linear,
        {{ rounded('totals.last_touch', 3) }} as last_touch,
        {{ rounded('totals.last_post_touched', 3) }} as last_post_touched
    from totals
    inner join dim_posts on totals.post_key = dim_posts.post_key
)

select * from final
