-- Every response is JSON that says success and has a list of at most response_limit rows.
with responses as (
    select * from {{ ref('api_responses') }}
),

rows_listed as (
    select
        responses.endpoint,
        responses.site_id,
        responses.period,
        responses.sort,
        count(*) as rows_listed
    from responses
    cross join {{ json_list_rows(json_text('responses.response', 'data'), 'items') }}
    group by responses.endpoint, responses.site_id, responses.period, responses.sort
)

select
    responses.endpoint,
    responses.site_id,
    responses.period,
    responses.sort,
    rows_listed.rows_listed
from responses
left join rows_listed
    on
        responses.endpoint = rows_listed.endpoint
        and responses.site_id = rows_listed.site_id
        and responses.period = rows_listed.period
        and responses.sort = rows_listed.sort
where
    coalesce({{ json_text('responses.response', 'success') }}, '') <> 'true'
    or coalesce({{ json_text('responses.response', 'data') }}, '') not like '[%]'
    or rows_listed.rows_listed > {{ var('response_limit') }}
