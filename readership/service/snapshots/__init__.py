"""Snapshots: consistent read-only copies of the tables that answers read.

A folder beside the warehouse holds files of rows, and `current.json`, which lists those of the
current snapshot. A file is never changed. The first one holds all rows, each later one only the
parts that have changed: a part is the rows of one table, of one site and mostly of some hours.

- `manifest` reads and replaces `current.json`;
- `relations` finds what answers read in the warehouse;
- `parts` lists the parts of a database, with a checksum of their rows, and compares lists;
- `publishing` writes changed parts to a new file and activates the snapshot;
- `opening` checks and opens a snapshot;
- `stores` puts the parts of several files together in a database of the reader's own;
- `folder` opens the current snapshot of a folder, and each newer one.
"""

from readership.service.snapshots.folder import SnapshotFolder
from readership.service.snapshots.manifest import (
    CURRENT,
    SnapshotFile,
    SnapshotInfo,
    current_snapshot,
    snapshot_folder,
)
from readership.service.snapshots.opening import (
    PartState,
    Snapshot,
    SnapshotZone,
    open_snapshot,
)
from readership.service.snapshots.parts import PART_SECONDS
from readership.service.snapshots.publishing import publish
from readership.service.snapshots.relations import SCHEMA
from readership.service.snapshots.stores import Stores

__all__ = [
    "CURRENT",
    "PART_SECONDS",
    "SCHEMA",
    "PartState",
    "Snapshot",
    "SnapshotFile",
    "SnapshotFolder",
    "SnapshotInfo",
    "SnapshotZone",
    "Stores",
    "current_snapshot",
    "open_snapshot",
    "publish",
    "snapshot_folder",
]
