-- Only a direct visit has no name for where it came from; what has none is in no answer.
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
