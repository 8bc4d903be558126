"""What a call asks: its endpoint and parameters, and the query of the exports that they mean.

`endpoints` lists the calls and `parameters` what each takes. `periods` reads dates and times by the
clock of a site, and `queries` turns a call into a table macro and its arguments. `errors` has the
refusals. Nothing here knows HTTP or opens a snapshot.
"""

from readership.service.calls.endpoints import (
    ENDPOINTS,
    HISTORY,
    NOT_DERIVABLE,
    RELATED_BY_VISITOR,
    ROOT,
    Endpoint,
)
from readership.service.calls.errors import (
    BAD_KEYS,
    BAD_PARAMETER,
    BUSY,
    FAILED,
    GONE,
    NO_SUCH_CALL,
    NO_SUCH_EVENT,
    TOO_LONG,
    TOO_MANY,
    UNKNOWN_PARAMETER,
    CallError,
)
from readership.service.calls.parameters import (
    MAX_TEXT_LENGTH,
    METRICS,
    Call,
    ProfileCall,
    SecretCall,
    Text,
)
from readership.service.calls.periods import Clock, TimeRange
from readership.service.calls.queries import SnapshotQuery, snapshot_query

__all__ = [
    "BAD_KEYS",
    "BAD_PARAMETER",
    "BUSY",
    "ENDPOINTS",
    "FAILED",
    "GONE",
    "HISTORY",
    "MAX_TEXT_LENGTH",
    "METRICS",
    "NOT_DERIVABLE",
    "NO_SUCH_CALL",
    "NO_SUCH_EVENT",
    "RELATED_BY_VISITOR",
    "ROOT",
    "TOO_LONG",
    "TOO_MANY",
    "UNKNOWN_PARAMETER",
    "Call",
    "CallError",
    "Clock",
    "Endpoint",
    "ProfileCall",
    "SecretCall",
    "SnapshotQuery",
    "Text",
    "TimeRange",
    "snapshot_query",
]
