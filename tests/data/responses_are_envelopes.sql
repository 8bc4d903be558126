-- Every response is JSON that says success and has a list of at most response_limit rows.
select
    endpoint,
    site_id,
    period,
    sort
from {{ ref('api_responses') }}
where
    coalesce({{ json_text('response', 'success') }}, '') <> 'true'
    or {{ json_text('response', 'data') }} is null
