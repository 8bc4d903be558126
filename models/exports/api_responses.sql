{{ config(materialized=materialization_of_wide_view()) }}

-- The JSON envelope of each endpoint's first page. A site without rows in a period gets an empty
-- list, not a missing response.
{%- set answered = {} %}
{%- for path, endpoint in endpoints().items() if not endpoint.get('of_one_page') %}
    {%- do answered.update({path: endpoint}) %}
{%- endfor %}

with
{%- for path, endpoint in answered.items() %}
{{ path | replace('/', '_') }} as (
    select *
    from {{ ref(endpoint['export']) }}
    where {{ endpoint.get('condition', 'true') }}
),
{% endfor %}
dim_periods as (
    select * from {{ ref('dim_periods') }}
),

dim_sites as (
    select * from {{ ref('dim_sites') }}
),

endpoints as (
    {{ rows_of_texts('endpoint', answered | list) }}
),

sorts as (
    {{ rows_of_texts('sort', sort_metric_names()) }}
),

response_rows as (
    {%- for path, endpoint in answered.items() %}
    {{ response_rows(path, endpoint, path | replace('/', '_')) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

calls as (
    select
        endpoints.endpoint,
        dim_periods.site_id,
        dim_periods.period,
        sorts.sort,
        '/' || endpoints.endpoint || '?'
        || {{ period_parameters(
            'dim_periods.period', 'dim_sites.first_event_date', 'dim_sites.as_of_date'
        ) }}
        || '&sort=' || sorts.sort
        || '&limit={{ var("response_limit") }}&page=' as path,
        dim_periods.starts_after_at,
        dim_periods.ends_at,
        dim_sites.first_event_at,
        dim_sites.as_of_at
    from dim_periods
    inner join dim_sites on dim_periods.site_id = dim_sites.site_id
    cross join endpoints
    cross join sorts
),

answers as (
    select
        calls.endpoint,
        calls.site_id,
        calls.period,
        calls.sort,
        calls.path,
        calls.starts_after_at,
        calls.ends_at,
        calls.first_event_at,
        calls.as_of_at,
        {{ json_list_of('response_rows.row_json', 'response_rows.position') }} as data,
        coalesce(max(response_rows.rows_total), 0) as rows_total
    from calls
    left join response_rows
        on
            calls.endpoint = response_rows.endpoint
            and calls.site_id = response_rows.site_id
            and calls.period = response_rows.period
            and calls.sort = response_rows.sort
    group by
        calls.endpoint, calls.site_id, calls.period, calls.sort, calls.path,
        calls.starts_after_at, calls.ends_at, calls.first_event_at, calls.as_of_at
),

final as (
    select
        endpoint,
        site_id,
        period,
        sort,
        path || '1' as call,
        {{ envelope(
            'data',
            envelope_links('path', 1, var('response_limit'), 'rows_total'),
            envelope_meta(
                sort_metrics_json(),
                'sort',
                answer_status(
                    'rows_total', 'starts_after_at', 'ends_at', 'first_event_at', 'as_of_at'
                ),
                'first_event_at',
                'as_of_at'
            )
        ) }} as response
    from answers
)

select * from final
