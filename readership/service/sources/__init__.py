"""Sources: where answers come from, as those who answer and watch see it.

A source is one state of the data: a published snapshot of a DuckDB file, or a database of
PostgreSQL that has not changed. It has the clocks and versions of its sites, and gives a consistent
view of their rows to each call. An origin gives the newest source, again and again. The rooms
`snapshots` and `postgresql` have one of each; nothing here knows an engine.
"""

from readership.service.sources.checks import checks, routines
from readership.service.sources.errors import (
    InterruptedQueryError,
    OutdatedError,
    QueryError,
    SourceError,
    UnreachableError,
)
from readership.service.sources.source import (
    Cursor,
    Origin,
    Reading,
    Site,
    Source,
    SourceInfo,
    newest_event_at,
)

__all__ = [
    "Cursor",
    "InterruptedQueryError",
    "Origin",
    "OutdatedError",
    "QueryError",
    "Reading",
    "Site",
    "Source",
    "SourceError",
    "SourceInfo",
    "UnreachableError",
    "checks",
    "newest_event_at",
    "routines",
]
