"""The answers of the exports over HTTP, as the analytics API gives them.

Of a DuckDB file, `publish` writes what has changed in the tables that answers read; the service
opens the newest snapshot and never the warehouse, so that loads, builds and requests do not wait
for each other. PostgreSQL serves loads, builds and requests at once, so its tables are read.

- `calls` has the endpoints and turns a call into a query; `answering` runs queries, and keeps
  answers until rows of their site change.
- `dashboard` has the page at `/` and its numbers.
- `sources` says what a source of answers is; `snapshots` publishes, checks and opens one, and
  `postgresql` is the other. `warehouses` knows which is meant.
- `requests` reads what a request says of itself; `http` is the application.
- `server` limits what clients may occupy; `monitoring` is what an operator sees.
- `keys` holds the secrets of sites, `options` what an operator chooses.
- `command_line` has the commands `readership publish`, `serve`, `dashboard` and `key`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from readership.service.answering import answer
    from readership.service.calls import ENDPOINTS, snapshot_query
    from readership.service.keys import SiteKeys
    from readership.service.snapshots import (
        Snapshot,
        SnapshotInfo,
        Stores,
        current_snapshot,
        open_snapshot,
        publish,
        snapshot_folder,
    )

__all__ = [
    "ENDPOINTS",
    "SiteKeys",
    "Snapshot",
    "SnapshotInfo",
    "Stores",
    "answer",
    "current_snapshot",
    "open_snapshot",
    "publish",
    "snapshot_folder",
    "snapshot_query",
]

# Imported when they are used: publishing does without what serves.
_HOMES: Final = {
    "ENDPOINTS": "readership.service.calls",
    "SiteKeys": "readership.service.keys",
    "Snapshot": "readership.service.snapshots",
    "SnapshotInfo": "readership.service.snapshots",
    "Stores": "readership.service.snapshots",
    "answer": "readership.service.answering",
    "current_snapshot": "readership.service.snapshots",
    "open_snapshot": "readership.service.snapshots",
    "publish": "readership.service.snapshots",
    "snapshot_folder": "readership.service.snapshots",
    "snapshot_query": "readership.service.calls",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
