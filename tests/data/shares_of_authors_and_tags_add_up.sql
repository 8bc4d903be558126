-- Each post and day has a row for every author and tag, or one; their shares are its views and
-- engaged seconds, to a millionth, since a third has no end.
with post_days as (
    select
        post_key,
        viewed_date,
        sum(views) as views,
        sum(engaged_seconds) as engaged_seconds
    from {{ ref('fct_pageviews') }}
    group by post_key, viewed_date
),

shares as (
    {%- for name in ['author', 'tag'] %}
    select
        '{{ name }}' as shared_by,
        post_key,
        viewed_date,
        max({{ name }}s) as named,
        count({{ name }}) as named_rows,
        min(views) as least_views,
        max(views) as most_views,
        {{ rounded('sum(views_share)', 6) }} as views_of_shares,
        {{ rounded('sum(engaged_seconds_share)', 6) }} as seconds_of_shares
    from {{ ref('fct_post_' ~ name ~ '_days') }}
    group by post_key, viewed_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    post_days.post_key,
    post_days.viewed_date,
    shares.shared_by,
    post_days.views,
    shares.views_of_shares
from post_days
full outer join shares
    on post_days.post_key = shares.post_key and post_days.viewed_date = shares.viewed_date
where
    post_days.post_key is null
    or shares.post_key is null
    or shares.named <> shares.named_rows
    or shares.least_views <> post_days.views
    or shares.most_views <> post_days.views
    or shares.views_of_shares <> post_days.views
    or shares.seconds_of_shares <> post_days.engaged_seconds
