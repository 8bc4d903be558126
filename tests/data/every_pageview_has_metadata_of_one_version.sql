-- Under metadata_rule, exactly one version of its post applies to each view.
with applied as (
    select
        fct_pageviews.pageview_key,
        count(dim_posts_history.version_key) as versions
    from {{ ref('fct_pageviews') }} as fct_pageviews
    left join {{ ref('dim_posts_history') }} as dim_posts_history
        on
            fct_pageviews.post_key = dim_posts_history.post_key
            and fct_pageviews.viewed_at >= dim_posts_history.applies_from
            and fct_pageviews.viewed_at < dim_posts_history.applies_to
    group by fct_pageviews.pageview_key
)

select *
from applied
where versions <> 1
