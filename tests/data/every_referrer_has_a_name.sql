-- Only direct visits have no referrer name. Any other row without a name would be missing from the
-- exports.
select
    pageview_key as row_key,
    referrer_class as class_without_name
from {{ ref('fct_pageviews') }}
where referrer_name is null and referrer_class <> 'direct'

union all

select
    session_key as row_key,
    source_class as class_without_name
from {{ ref('fct_sessions') }}
where source_name is null and source_class <> 'direct'
