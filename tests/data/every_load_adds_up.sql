-- The account of a load: its lines are events, rejected or blank, its events are staged, refused or
-- copies.
select *
from {{ ref('ops_loads') }}
where
    lines <> events + rejected_lines + blank_lines
    or events <> staged_events + refused_events + duplicate_events
