{#
    Headline tests: two or more variants of a page's metadata that each return within
    `headline_test_hours` of their last occurrence, in overlapping periods. A, B, A, B is a test. A,
    B, A is a change and its reversal; so is a change that is reversed days later.

    Expects the CTE `runs`: consecutive events that carried the same metadata. `metadata_runs` has
    whether a run is in a test, that is, between two variants that returned, and its number among
    the others. `is_resumed` marks a run that continues one with parts left out.
#}
{% macro headline_tests(partition_key) -%}
with_returns as (
    select
        *,
        case
            when
                is_resumed
                or first_event_at <= {{ readership.plus_seconds(
                    'lag(last_event_at) over (partition by ' ~ partition_key
                    ~ ', metadata_hash order by run_number)',
                    (3600 * var('headline_test_hours')) | int,
                ) }}
                then 1
            else 0
        end as is_return
    from runs
),

open_periods as (
    select
        *,
        coalesce(
            lead(is_return) over (
                partition by {{ partition_key }}, metadata_hash order by run_number
            ),
            0
        ) as will_return
    from with_returns
),

-- Number of variants still to return, between a run and the next.
with_open_variants as (
    select
        *,
        sum(will_return - is_return) over (partition by {{ partition_key }} order by run_number)
            as open_variants
    from open_periods
),

in_tests as (
    select
        *,
        {{ greatest_of([
            'open_variants',
            'lag(open_variants, 1, open_variants) over (partition by ' ~ partition_key
            ~ ' order by run_number)',
        ]) }} > 1 as is_in_test
    from with_open_variants
),

metadata_runs as (
    select
        *,
        sum(case when is_in_test then 0 else 1 end) over (
            partition by {{ partition_key }} order by run_number
        ) as run_number_of_metadata
    from in_tests
)
{%- endmacro %}
