-- For each load, lines = events + rejected lines + blank lines, and events = staged + refused +
-- duplicates.
select *
from {{ ref('ops_loads') }}
where
    lines <> events + rejected_lines + blank_lines
    or events <> staged_events + refused_events + duplicate_events
