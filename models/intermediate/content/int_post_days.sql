{{ config(
    materialized='incremental',
    unique_key='utc_date',
    meta={'affected_key': 'event_date'},
    pre_hook="{{ claim_loads() }}",
    post_hook="{{ confirm_loads() }}",
    access='protected',
) }}

-- Reading of a post by day in the site's time zone. A local day spans up to three UTC days, by
-- which rows are recomputed, and has a row for each; readers sum them.
with int_pageviews as (
    select
        *,
        viewed_utc_date as utc_date
    from {{ ref('int_pageviews') }}
),

affected_pageviews as (
    select *
    from int_pageviews
    where {{ is_affected('utc_date', key='event_date') }}
),

final as (
    select
        ---------- ids
        post_key,
        site_id,

        ---------- numbers
        cast(sum(views) as bigint) as views,
        cast(sum(engaged_seconds) as bigint) as engaged_seconds,

        ---------- times
        viewed_date,
        utc_date
    from affected_pageviews
    group by post_key, site_id, viewed_date, utc_date
)

select * from final
