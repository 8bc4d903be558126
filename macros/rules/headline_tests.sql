{#
    Metadata that takes turns, as in a test of headlines: two or more that each come back within
    `headline_test_hours` of when they were last told, in overlapping times. A, B, A, B takes turns;
    A, B, A was changed and changed back, and a change that comes back days later is one.

    From the CTE `runs`, of events that carried the same metadata, to `turns`: whether a run is in
    turns, which is between two that came back, and its place among those that are not.
    `is_resumed` is for a run that goes on with one of which parts were left out.
#}
{% macro headline_tests(of) -%}
coming_back as (
    select
        *,
        case
            when
                is_resumed
                or first_event_at <= {{ readership.plus_seconds(
                    'lag(last_event_at) over (partition by ' ~ of
                    ~ ', metadata_hash order by run_number)',
                    (3600 * var('headline_test_hours')) | int,
                ) }}
                then 1
            else 0
        end as is_back
    from runs
),

open_periods as (
    select
        *,
        coalesce(
            lead(is_back) over (partition by {{ of }}, metadata_hash order by run_number), 0
        ) as comes_again
    from coming_back
),

-- How many are away, between a run and the next.
counted as (
    select
        *,
        sum(comes_again - is_back) over (partition by {{ of }} order by run_number) as away
    from open_periods
),

in_tests as (
    select
        *,
        greatest(away, lag(away, 1, away) over (partition by {{ of }} order by run_number)) > 1
            as is_in_test
    from counted
),

metadata_runs as (
    select
        *,
        sum(case when is_in_test then 0 else 1 end) over (
            partition by {{ of }} order by run_number
        ) as run_number_of_metadata
    from in_tests
)
{%- endmacro %}
