-- The operations tables count every staged, refused and duplicate event once.
with counts as (
    select
        (select count(*) from {{ ref('stg_events') }}) as staged,
        (select count(*) from {{ ref('stg_events') }} where is_bot) as bots,
        (select count(*) from {{ ref('stg_event_rejections') }}) as refused,
        (select count(*) from {{ ref('stg_event_duplicates') }}) as copies,
        (select coalesce(sum(received_events), 0) from {{ ref('ops_lateness') }}) as received,
        (select coalesce(sum(loaded_events), 0) from {{ ref('ops_lateness') }}) as loaded,
        (select coalesce(sum(valid_rows - copies), 0) from {{ ref('ops_duplicates') }})
            as counting_rows,
        (select coalesce(sum(copies), 0) from {{ ref('ops_duplicates') }}) as day_copies,
        (
            select coalesce(sum(same_file_copies + same_load_copies + other_load_copies), 0)
            from {{ ref('ops_duplicates') }}
        ) as placed_copies,
        (
            select coalesce(sum(exact_copies + differing_copies), 0)
            from {{ ref('ops_duplicates') }}
        ) as compared_copies,
        (select coalesce(sum(events_once), 0) from {{ ref('ops_rejections') }})
            as day_refused,
        (select coalesce(sum(events), 0) from {{ ref('ops_bots') }}) as day_bots,
        (select coalesce(sum(events), 0) from {{ ref('ops_completeness') }}) as day_events
)

select *
from counts
where
    staged <> received
    or staged <> loaded
    or staged <> counting_rows
    or copies <> day_copies
    or copies <> placed_copies
    or copies <> compared_copies
    or refused <> day_refused
    or bots <> day_bots
    {%- if not var('as_of') %}
    or staged <> day_events
    {%- endif %}
