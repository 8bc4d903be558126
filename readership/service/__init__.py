"""The answers of the exports over HTTP, as the analytics API gives them, from a snapshot.

`publish` writes what has changed in the tables that answers read; the service opens the newest
snapshot and never the warehouse, so that loads, builds and requests do not wait for each other.

- `snapshots` publishes, checks and opens snapshots; `keys` holds the secrets of sites.
- `endpoints` lists the calls; `parameters`, `periods` and `calls` turn a request into a query of
  the snapshot, `answers` runs it, and `errors` are the refusals.
- `serving` queues the queries in `lanes`, caches responses and changes to new snapshots.
- `app` is the HTTP application; `server` and `connections` limit what clients may occupy.
- `command_line` has the commands `readership publish`, `serve` and `key`.

What the package exports does without FastAPI; `app` and `server` are imported to serve.
"""

from readership.service.answers import answer
from readership.service.calls import snapshot_query
from readership.service.endpoints import ENDPOINTS
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
