"""Why a call is not answered, whichever engine says so."""

from __future__ import annotations


class SourceError(Exception):
    """A source does not answer a query."""


class InterruptedQueryError(SourceError):
    """The query was interrupted, or took longer than it may."""


class OutdatedError(SourceError):
    """Rows have changed since the source was opened: the newest one may answer."""


class UnreachableError(SourceError):
    """The database cannot be reached now."""


class QueryError(SourceError):
    """The query failed."""
